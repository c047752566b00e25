import type { OwnInfo, ParticipantInfo } from '../../participant.ts';
import { parseObject } from './parse-object.ts';
import type { WebRTCAdaptor } from './vendor.ts';

/**
 * What participants say of themselves, by the conventions of the vendor's own pages: `conference.html` and Circle. For those
 * who come later it is in the metadata of the stream; a change is a message on the data channel too.
 */
interface Published extends Pick<OwnInfo, 'microphone' | 'camera'> {
  readonly id: string;
  readonly metaData: string | undefined;
}

/** What our own stream says of us, by the vendor's object that publishes it. */
const published = new WeakMap<object, Published>();

/**
 * The metadata to publish with. Without anything to say of us it is the app's option `given`: an object in JSON, or any
 * other text.
 */
export function publishInfo(
  vendor: object,
  id: string,
  me: OwnInfo,
  given: string | undefined,
): string | undefined {
  return remember(vendor, id, me, isPlain(me) ? given : describe(me, given));
}

const isPlain = ({ microphone, camera, metadata }: OwnInfo): boolean => microphone && camera && !metadata;

function remember<Text extends string | undefined>(
  vendor: object,
  id: string,
  me: OwnInfo,
  metaData: Text,
): Text {
  const { microphone, camera } = me;
  published.set(vendor, { id, microphone, camera, metaData });
  return metaData;
}

function describe({ microphone, camera, metadata }: OwnInfo, given: string | undefined): string {
  const states = { isMicMuted: !microphone, isCameraOn: camera, isCameraOff: !camera };
  return JSON.stringify({ ...parseObject(given), ...metadata, ...states });
}

/** The vendor's connections by stream id. Its own `sendData` throws in 2.6 where the channel is not open. */
type Connections = { readonly [streamId: string]: { readonly dataChannel?: RTCDataChannel } };

/** Tells the others what has changed of us. Who only listens has no stream to say it of. */
export function announce(vendor: WebRTCAdaptor, me: OwnInfo, given: string | undefined): void {
  const before = published.get(vendor);
  if (!before) return;
  const { id: streamId } = before;
  // Once there was something to say, its end is said too.
  const isNothing = isPlain(me) && before.metaData === given;
  const metaData = remember(vendor, streamId, me, isNothing ? given : describe(me, given));
  const { dataChannel } = (vendor.remotePeerConnection as object as Connections)[streamId] ?? {};
  const say = (eventType: string) =>
    dataChannel?.readyState === 'open' && dataChannel.send(JSON.stringify({ eventType, streamId }));
  if (me.microphone !== before.microphone) say(me.microphone ? 'MIC_UNMUTED' : 'MIC_MUTED');
  if (me.camera !== before.camera) say(me.camera ? 'CAM_TURNED_ON' : 'CAM_TURNED_OFF');
  if (metaData === before.metaData) return;
  const command = 'updateStreamMetaData';
  vendor.webSocketAdaptor?.send(JSON.stringify({ command, streamId, metaData }));
}

/** What the metadata of a stream say of its participant. */
export function readMetaData(text: unknown): Omit<ParticipantInfo, 'id'> {
  const { isMicMuted, isCameraOff, isCameraOn = not(isCameraOff), ...metadata } = parseObject(text) ?? {};
  return {
    microphone: not(isMicMuted),
    camera: isCameraOn === undefined ? undefined : isCameraOn === true,
    metadata: text ? metadata : undefined,
  };
}

const not = (flag: unknown): boolean | undefined => (typeof flag === 'boolean' ? !flag : undefined);

const changes: ReadonlyMap<unknown, Omit<ParticipantInfo, 'id'>> = new Map([
  ['MIC_MUTED', { microphone: false }],
  ['MIC_UNMUTED', { microphone: true }],
  ['CAM_TURNED_OFF', { camera: false }],
  ['CAM_TURNED_ON', { camera: true }],
]);

/** What a message says of the one who sent it. The server does not check who that is. */
export function readChange({ eventType, streamId }: Record<string, unknown>): ParticipantInfo | undefined {
  const change = changes.get(eventType);
  return change && typeof streamId === 'string' ? { id: streamId, ...change } : undefined;
}
