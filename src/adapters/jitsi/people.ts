import type { ConnectAttempt, DeviceKind, OwnInfo } from '../../adapter.ts';
import type { Timer } from '../../timers.ts';
import { failure } from '../failure.ts';
import { type Packet, readInfo } from '../packets.ts';
import type { JitsiMeetExternalAPI, VendorDetail } from './vendor.ts';

/** Marks our texts among those of other apps. */
const mark = 'roomSession';
/** How long after their arrival a newcomer is told of us, in ms. */
const greetAfterMs = 2_000;
const command = 'sendEndpointTextMessage';

/** What the page says of others, besides who is there. */
export function peopleListeners(
  api: JitsiMeetExternalAPI,
  attempt: ConnectAttempt,
  timer: Timer,
): Readonly<Record<string, (detail: VendorDetail) => void>> {
  return {
    participantJoined: ({ id: to }) => {
      // Their page has to open its channel first.
      const greet = () => {
        const { metadata } = attempt.me;
        if (metadata) post(api, { info: { metadata }, to });
      };
      timer(`greet ${to}`, greetAfterMs, greet);
    },
    screenSharingStatusChanged: ({ on }) => attempt.screenShared(on === true),
    dominantSpeakerChanged: ({ id }) => attempt.speakers([id]),
    participantMuted: ({ id, participantId = id, isMuted, mediaType }) => {
      if (mediaType === 'audio') attempt.participantUpdated({ id: participantId, microphone: !isMuted });
      if (mediaType === 'video') attempt.participantUpdated({ id: participantId, camera: !isMuted });
    },
    displayNameChange: ({ id, displayname }) => attempt.participantUpdated({ id, name: displayname }),
    videoConferenceJoined: () => void tellDevices(api, attempt),
    deviceListChanged: () => void tellDevices(api, attempt),
    endpointTextMessageReceived: ({ data }) => {
      const from = data?.senderInfo?.id;
      const packet = read(data?.eventData?.text);
      if (!from || !packet) return;
      if ('info' in packet) {
        attempt.participantUpdated({ id: from, ...readInfo(packet) });
      } else attempt.message(from, packet.data);
    },
  };
}

/** Names and muting are the page's own. The rest goes by messages, where there is any. */
export function announce(api: JitsiMeetExternalAPI, { metadata }: OwnInfo): void {
  if (metadata) post(api, { info: { metadata } });
}

/** The page asks the person which screen, and says nothing of a refusal. */
export function shareScreen(api: JitsiMeetExternalAPI, on: boolean): void {
  api.executeCommand('toggleShareScreen', { enable: on });
}

/** Hands a packet to the page, which says nothing of what becomes of it. */
export function post(api: JitsiMeetExternalAPI, { to = '', ...packet }: Packet): void {
  api.executeCommand(command, to, JSON.stringify({ [mark]: packet }));
}

function read(text: unknown): Packet | undefined {
  try {
    const packet: unknown = Object(JSON.parse(String(text)))[mark];
    return packet === undefined ? undefined : Object(packet);
  } catch {
    return undefined;
  }
}

const kinds: Readonly<Record<DeviceKind, 'audioInput' | 'videoInput' | 'audioOutput'>> = {
  microphone: 'audioInput',
  camera: 'videoInput',
  speaker: 'audioOutput',
};

/** Tells the session which devices the page can use. Their ids are those of the page's origin. */
async function tellDevices(api: JitsiMeetExternalAPI, attempt: ConnectAttempt): Promise<void> {
  const available = await devicesOf(api);
  attempt.devices(
    (Object.keys(kinds) as DeviceKind[]).flatMap((kind) =>
      (available[kinds[kind]] ?? []).map(({ deviceId = '', label = '' }) => ({ kind, deviceId, label })),
    ),
  );
}

/**
 * Uses another device in the page.
 *
 * @throws `connect_failed` for one that the page does not have
 */
export async function setDevice(
  api: JitsiMeetExternalAPI,
  kind: DeviceKind,
  deviceId: string,
): Promise<void> {
  const name = kinds[kind];
  const device = (await devicesOf(api))[name]?.find((each) => each.deviceId === deviceId);
  if (!device) throw failure(`The meeting's page has no such ${kind}. Take one of session.devices.`);
  const method = `set${name.charAt(0).toUpperCase()}${name.slice(1)}Device` as const;
  await api[method as 'setAudioInputDevice']?.(device.label ?? '', deviceId);
}

async function devicesOf(api: JitsiMeetExternalAPI) {
  return (await api.getAvailableDevices?.().catch(() => undefined)) ?? {};
}
