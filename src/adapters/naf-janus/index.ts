/**
 * Rooms on Janus, in networked-aframe scenes.
 *
 * @module room-session/naf-janus
 */

import type { ConnectAttempt, RoomAdapter } from '../../adapter.ts';
import { own } from '../../untrusted.ts';
import { checkMayKick, checkToken } from './claims.ts';
import { connect } from './connect.ts';
import { asOurError, kickProblem, notConnected, tokenAdvice } from './errors.ts';
import { announce, post } from './messages.ts';
import type { NafJanusOptions } from './options.ts';
import { type PreparedJoin, prepare } from './prepare.ts';
import { takeOver } from './take-over.ts';
import type { JanusAdapter } from './vendor.ts';

export type { LocalMediaOptions } from '../../own-devices.ts';
export type { ServerOptions } from '../check-url.ts';
export type { NafJanusOptions } from './options.ts';
export type {
  JanusAdapter,
  JanusFrame,
  JanusHandle,
  JanusMessage,
  JanusSession,
  JanusSubscribe,
  JanusSubscriber,
} from './vendor.ts';

/**
 * The adapter for Janus rooms of networked-aframe scenes.
 *
 * @typeParam Vendor - the app's own type of the vendor object, which `session.vendor` has
 */
export interface NafJanusAdapter<Vendor extends JanusAdapter = JanusAdapter> extends RoomAdapter<Vendor> {
  /**
   * For a scene that connects by itself: takes over the vendor object of the event `adapter-ready`, so that it sends
   * nothing until the session has a token. Call it in the listener itself, not later, and then `session.join(room)`.
   *
   * @throws `RoomSessionError` `invalid_argument` for an object of another adapter
   *
   * @example
   * scene.addEventListener('adapter-ready', ({ detail }) => {
   *   adapter.adopt(detail);
   *   session.join('standup');
   * });
   */
  adopt(vendor: Vendor): void;
  /**
   * Stops sound and pictures between us and this participant, in both directions.
   *
   * @throws `RoomSessionError`: `invalid_state` while not connected, `connect_failed` where the server did not do it
   */
  block(participantId: string): Promise<void>;
  /**
   * Ends a `block`.
   *
   * @throws `RoomSessionError`: `invalid_state` while not connected, `connect_failed` where the server did not do it
   */
  unblock(participantId: string): Promise<void>;
}

/**
 * Joins rooms on Janus (`janus-plugin-sfu`) through the page's own A-Frame, networked-aframe and naf-janus-adapter 4.
 * `session.join(room)` sets the scene's room and connects it. For a scene that connects by itself see `adopt`, and the
 * A-Frame component of `room-session/aframe`. Each join has a client id of its own, with the identity in it: one person may
 * be in several rooms, and in one room on several devices. Their participants have different ids, and the same `identity`.
 *
 * Each join that leaves the page, our own and each for the media of another participant, has a token that is valid at that
 * moment. The adapter replaces the vendor's reconnecting; listeners that the app has set with `setReconnectionListeners`
 * are called as before. `setMicrophone` and `setCamera` send silence and black frames, they do not turn off the device.
 *
 * Janus sends audio and video of each participant: one without a camera has a video track without pictures.
 *
 * @typeParam Vendor - the app's own type of the vendor object, which `session.vendor` has
 * @throws `RoomSessionError` `invalid_state` from `block` and `unblock` while not connected
 *
 * @example
 * const adapter = nafJanus({ serverUrl: 'wss://janus.example.org/janus' });
 * const session = new RoomSession({ adapter, tokenSource: tokenEndpoint('/api/room-token') });
 * await session.join('standup');
 */
export function nafJanus<Vendor extends JanusAdapter = JanusAdapter>(
  given: NafJanusOptions = {},
): NafJanusAdapter<Vendor> {
  const options = own(given);
  const { localStream, listenOnly, constraints = { audio: true } } = options;
  let adopted: JanusAdapter | undefined;
  let current: { readonly signal: AbortSignal; readonly vendor: JanusAdapter } | undefined;

  function connected(): NonNullable<typeof current> {
    if (current?.vendor.publisher && !current.signal.aborted) return current;
    throw notConnected();
  }

  const adapter: NafJanusAdapter = {
    name: 'naf-janus',
    localMedia: { localStream, listenOnly, constraints },
    tokenAdvice,
    // Its pauses start from the shortest again at each connection.
    stableMs: 0,
    checkToken,
    connections: ({ publisher, occupants }) =>
      [publisher, ...Object.values(occupants)].flatMap((each) => each?.conn ?? []),

    prepare(join) {
      join.onEnd(() => {
        adopted = current = undefined;
      });
      return prepare(join, options, adopted);
    },

    connect(attempt: ConnectAttempt<JanusAdapter>, prepared: PreparedJoin) {
      current = { signal: attempt.signal, vendor: prepared.takenOver.vendor };
      return connect(attempt, prepared, options);
    },

    announce,
    send: post,

    kick: (vendor, participantId, { signal, getToken }) =>
      request(signal, 'kick', async () => {
        const token = await getToken();
        checkMayKick(token);
        await vendor.kick(participantId, token?.value).catch((error) => {
          throw asOurError(error, kickProblem(token));
        });
      }),

    adopt(vendor) {
      takeOver(vendor);
      adopted = vendor;
    },

    async block(participantId) {
      const { signal, vendor } = connected();
      await request(signal, 'block', () => vendor.block(participantId));
    },

    async unblock(participantId) {
      const { signal, vendor } = connected();
      await request(signal, 'unblock', () => vendor.unblock(participantId));
    },
  };
  // networked-aframe makes the object: only the app knows which members its class has besides.
  return adapter as NafJanusAdapter<Vendor>;
}

/** Asks the server for something. What goes wrong is an error of ours. */
async function request(signal: AbortSignal, what: string, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
    // 4.3.0 resolves what it had no answer to, and reconnects.
    signal.throwIfAborted();
  } catch (error) {
    throw signal.aborted ? notConnected() : asOurError(error, `Janus did not ${what} the participant`);
  }
}
