import type { ConnectAttempt, OutgoingMessage } from '../../adapter.ts';
import { failure } from '../failure.ts';
import type { WebRTCAdaptor } from './vendor.ts';

/** Ours among the texts of the data channel. */
const eventType = 'ROOM_SESSION_MESSAGE';
/** How long the data channel may take to open after we are in the room, and how often to look, in ms. */
const openLimitMs = 5_000;
const stepMs = 100;

/**
 * Sends a message on our data channel, that of the room for one who only listens. The server hands it to all; the others drop
 * one that is not for them.
 *
 * @throws `connect_failed` where the channel does not open
 */
export async function sendMessage(
  vendor: WebRTCAdaptor,
  { data, to }: OutgoingMessage,
  { clock, signal, room, identity }: Pick<ConnectAttempt, 'clock' | 'signal' | 'room' | 'identity'>,
): Promise<void> {
  const { publishStreamId } = vendor;
  const streamId = publishStreamId ?? room;
  const connections: Readonly<Record<string, { readonly dataChannel?: RTCDataChannel }>> = Object(
    vendor.remotePeerConnection,
  );
  for (let ms = 0; connections[streamId]?.dataChannel?.readyState !== 'open'; ms += stepMs) {
    if (ms >= openLimitMs || signal.aborted)
      throw failure('The data channel of the media server is not open.');
    await new Promise<void>((goOn) => clock.setTimer(goOn, stepMs));
  }
  const text = JSON.stringify({ eventType, streamId: publishStreamId ?? identity, to, data });
  // The receiving vendor changes a text with "script" in it.
  vendor.sendData(
    streamId,
    text.replace(/[<>]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
  );
}

/** Reads a message of another participant, for us; `undefined` where it is none. */
export function readAppMessage(text: unknown, me: string): { from: string; data: unknown } | undefined {
  if (typeof text !== 'string' || !text.includes(eventType)) return undefined;
  try {
    const message = JSON.parse(text);
    const { streamId: from, to = me, data } = message;
    if (message.eventType === eventType && typeof from === 'string' && to === me) return { from, data };
  } catch {}
  return undefined;
}
