import type { RoomSessionError } from '../../errors.ts';
import { failure } from '../failure.ts';
import type { Attempt } from './attempt.ts';
import { isAboutToken, refusalError, refusalIn } from './refusals.ts';
import type { JanusAdapter, JanusHandle } from './vendor.ts';

/** How long ICE may be `disconnected` before the connection counts as lost: it may come back by itself. */
const iceGraceMs = 3_000;
/** Before asking again for the media of one participant: the first time, and at most. */
const againMs = 500;
const againLimitMs = 30_000;

/**
 * The vendor's methods that join: ours, and one for each other participant's media. Each join has a token that is valid
 * then, and a refusal is answered with a new one; the connections behind them are watched, and closed when the attempt is
 * over.
 */
export function joins(
  attempt: Attempt,
): Pick<JanusAdapter, 'createPublisher' | 'associate' | 'sendJoin' | 'createSubscriber'> {
  const { hold, signal, timer, getToken, broken } = attempt;
  const { vendor, own } = hold;
  const connections = new Map<JanusHandle, RTCPeerConnection>();
  /** Whose media a connection receives; the one that is missing is our own. */
  const sources = new Map<JanusHandle, string>();

  signal.addEventListener('abort', () => {
    for (const conn of connections.values()) conn.close();
  });

  function watch(conn: RTCPeerConnection, handle: JanusHandle): void {
    const state = conn.connectionState;
    const source = sources.get(handle);
    const lost = () => {
      // One that was never up is asked for again, and one that has left is nobody's loss.
      if (source === undefined || vendor.occupants[source]?.handle === handle) broken(`ICE ${state}`)();
    };
    timer(`ice ${handle.id}`, iceGraceMs, state === 'disconnected' ? lost : undefined);
    if (state === 'failed') lost();
  }

  const isGone = (id: string) => signal.aborted || !vendor.availableOccupants.includes(id);

  return {
    createPublisher() {
      signal.throwIfAborted();
      return own.createPublisher();
    },

    associate(conn, handle) {
      for (const [each, { signalingState }] of connections) {
        if (signalingState === 'closed') connections.delete(each);
      }
      connections.set(handle, conn);
      if (signal.aborted) conn.close();
      own.associate(conn, handle);
      conn.addEventListener('connectionstatechange', () => watch(conn, handle), { signal });
    },

    async sendJoin(handle, subscribe) {
      if (subscribe.media !== undefined) sources.set(handle, subscribe.media);
      try {
        let token = await getToken();
        for (let isLast = !token; ; isLast = true) {
          vendor.setJoinToken(token?.value ?? null);
          const reply = await own.sendJoin(handle, subscribe);
          const refusal = refusalIn(reply);
          if (refusal === undefined) return reply;
          if (isLast || !isAboutToken(refusal)) throw refusalError(refusal);
          token = await getToken(token);
        }
      } catch (error) {
        // The vendor forgets it.
        connections.get(handle)?.close();
        throw error;
      }
    },

    // The vendor's looks at no refusal, and asks six times or once; this one until they are heard, or leave.
    async createSubscriber(id) {
      for (let pauseMs = againMs; ; pauseMs = Math.min(2 * pauseMs, againLimitMs)) {
        let error = failure(`No media came from ${id}.`);
        try {
          await getToken();
          const subscriber = await own.createSubscriber(id, 0);
          if (subscriber || isGone(id)) return subscriber;
        } catch (reason) {
          if (isGone(id)) return null;
          error = reason as RoomSessionError;
        }
        attempt.report({ type: 'retrying', error });
        if (error.code === 'token_denied') return null;
        await new Promise<void>((goOn) => timer(`subscribe ${id}`, pauseMs, goOn));
      }
    },
  };
}
