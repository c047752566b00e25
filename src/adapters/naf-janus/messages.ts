import type { ConnectAttempt, OwnInfo, ParticipantInfo } from '../../adapter.ts';
import { infoPacket, type Packet, readInfo } from '../packets.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { notConnected } from './errors.ts';
import type { JanusAdapter, JanusMessage } from './vendor.ts';

/** The kind of our messages among those of networked-aframe. */
const dataType = 'room-session';

/** What participants say of themselves. It may come before the word that they are here. */
export type Infos = Map<string, Omit<ParticipantInfo, 'id'>>;

/** The vendor's method that gets each message: ours go to the session, the others go on. */
export function messages(
  { attempt, takenOver: { vendor, own } }: AttemptParts,
  infos: Infos,
): Pick<JanusAdapter, 'onData'> {
  return {
    onData(message, source) {
      if (message.dataType !== dataType) return own.onData(message, source);
      const { from, to, isNew, ...packet } = Object(message.data) as Packet & { readonly from?: unknown };
      const isOurs = to === undefined || to === vendor.clientId;
      if (typeof from !== 'string' || from === vendor.clientId || !isOurs) return;
      if ('info' in packet) {
        infos.set(from, readInfo(packet));
        attempt.participantUpdated({ id: from, ...infos.get(from) });
        if (isNew) void post(vendor, { ...infoPacket(attempt.me), to: from }).catch(() => {});
      } else if (vendor.availableOccupants.includes(from)) attempt.message(from, packet.data);
    },
  };
}

const greeted = new WeakSet<AbortSignal>();

/** Tells the others of us. The first time of an attempt they are asked for theirs. */
export async function announce(
  vendor: JanusAdapter,
  me: OwnInfo,
  { signal }: Pick<ConnectAttempt, 'signal'>,
): Promise<void> {
  const isNew = !greeted.has(signal);
  greeted.add(signal);
  await post(vendor, infoPacket(me, isNew));
}

/**
 * Sends a packet. One for a single participant goes through the server's socket, which hands it to that participant alone.
 *
 * @throws `invalid_state` where our connection is gone
 */
export async function post(vendor: JanusAdapter, packet: Packet): Promise<void> {
  const { publisher, clientId } = vendor;
  if (!publisher) throw notConnected();
  const message: JanusMessage = { dataType, data: { ...packet, from: clientId } };
  if (packet.to === undefined) vendor.broadcastDataGuaranteed(dataType, message.data);
  else await publisher.handle.sendMessage({ kind: 'data', body: JSON.stringify(message), whom: packet.to });
}
