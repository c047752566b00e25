import type { RoomAdapter } from '../../adapter.ts';
import { RoomSessionError, TokenError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { failure } from '../failure.ts';
import { LocalMedia } from '../local-media.ts';
import { joinAndStay } from '../stay.ts';
import { attempt, type NafStay } from './attempt.ts';
import { hold } from './hold.ts';
import type { NafJanusOptions } from './options.ts';
import { RoomPeople } from './room-people.ts';
import { connectScene, leaveScene } from './scene.ts';
import type { JanusAdapter } from './vendor.ts';

export type { LocalMediaOptions } from '../local-media.ts';
export type { NafJanusOptions } from './options.ts';
export type { JanusAdapter } from './vendor.ts';

/** The adapter for Janus rooms of networked-aframe scenes. */
export interface NafJanusAdapter extends RoomAdapter<JanusAdapter> {
  /** What is published, for the self view; `undefined` while disconnected and where nothing is. */
  readonly localStream: MediaStream | undefined;
  /**
   * For a scene that connects by itself: takes the vendor object of the event `adapter-ready`, so that it sends nothing
   * until the session has a token. To be called in the listener itself, not later, and followed by `session.join(room)`.
   *
   * @throws `invalid_argument` for an object of another adapter
   */
  adopt(vendor: JanusAdapter): void;
  setMicrophone(on: boolean): void;
  setCamera(on: boolean): void;
  kick(participantId: string): Promise<void>;
  /** Neither hears nor sees the other any more. @throws `invalid_state` while disconnected */
  block(participantId: string): Promise<void>;
  /** Takes a `block` back. @throws `invalid_state` while disconnected */
  unblock(participantId: string): Promise<void>;
}

type Stay = NafStay & { joined: boolean };

/**
 * Joins rooms on Janus (`janus-plugin-sfu`) through the page's own A-Frame, networked-aframe and naf-janus-adapter 4.
 * `session.join(room)` sets the scene's room and connects it; for a scene that connects by itself see `adopt`, and the
 * A-Frame component of `room-session/aframe`. The identity becomes the client id; left out, the scene's own, else a random
 * number.
 *
 * Every join that leaves the page, ours and each for the media of somebody else, has a token that is valid at that moment.
 * The vendor's own reconnecting is replaced; listeners that the app has set with `setReconnectionListeners` are called as
 * before. `setMicrophone` and `setCamera` send silence and black frames, they do not turn off the device.
 *
 * Janus sends audio and video of everybody: a participant without a camera has a video track without pictures.
 */
export function nafJanus(options: NafJanusOptions = {}): NafJanusAdapter {
  const media = new LocalMedia(options);
  let adopted: JanusAdapter | undefined;
  let stay: Stay | undefined;

  function connected(): Stay {
    if (stay?.hold.vendor.publisher) return stay;
    throw new RoomSessionError('invalid_state', 'Not connected to Janus now; wait for "connected".');
  }

  return {
    name: 'naf-janus',
    get vendor() {
      return stay?.hold.vendor;
    },
    get localStream() {
      return media.stream;
    },

    adopt(vendor) {
      hold(vendor);
      adopted = vendor;
    },

    async connect(context) {
      const over = new AbortController();
      const signal = AbortSignal.any([context.signal, over.signal]);
      const held = adopted ? hold(adopted) : await connectScene(options, context.room, signal);
      const { vendor } = held;
      const people = new RoomPeople(context.report);
      const serverUrl = options.serverUrl ?? vendor.serverUrl;
      const started: Stay = {
        ...{ context, options, signal, over, hold: held, people, serverUrl, joined: false },
        attempt: (onOpen, onJoined) =>
          attempt(started, onOpen, () => {
            if (started.joined) vendor.onReconnected?.();
            started.joined = true;
            onJoined();
          }),
        lose: () => people.lose(),
        pausing: (ms) => vendor.onReconnecting?.(ms),
      };
      stay = started;
      over.signal.addEventListener('abort', () => {
        if (stay && started.joined) vendor.onReconnectionError?.(over.signal.reason);
      });
      held.onDisconnect = () =>
        context.report({
          type: 'disconnected',
          reason: 'ended',
          error: failure('The scene was disconnected or removed.'),
        });
      if (held.disconnected) held.onDisconnect();
      const joining = prepare(started).then(() => joinAndStay(started));
      held.settle(joining);
      await joining;
    },

    disconnect() {
      const ended = stay;
      const vendor = ended?.hold.vendor ?? adopted;
      stay = adopted = undefined;
      ended?.over.abort();
      if (vendor) leaveScene(vendor);
      media.stream = undefined;
    },

    updateToken({ value }) {
      stay?.hold.vendor.setJoinToken(value);
    },

    // `auth.rs` of the plugin: `join_hub`, and `room_ids` where there are any. A token that is no JWT has no claims.
    checkToken({ claims }, { room }) {
      const { join_hub, room_ids } = claims;
      if (Array.isArray(room_ids) && !room_ids.includes(room))
        throw mismatch('room_ids', `for other rooms than "${room}"`);
      if (Object.keys(claims).length > 0 && join_hub !== true)
        throw mismatch('join_hub', 'not for joining: sign it with join_hub true');
    },

    setMicrophone(on) {
      media.turn('audio', on);
    },

    setCamera(on) {
      media.turn('video', on);
    },

    async kick(participantId) {
      const token = await connected().context.getToken();
      // The server says success all the same.
      if (token && !mayKick(token))
        throw mismatch('kick_users', 'not for kicking: sign it with kick_users true');
      await connected().hold.vendor.kick(participantId, token?.value);
    },

    async block(participantId) {
      await connected().hold.vendor.block(participantId);
    },

    async unblock(participantId) {
      await connected().hold.vendor.unblock(participantId);
    },
  };

  async function prepare({ context, signal, hold: { vendor } }: NafStay): Promise<void> {
    const { identity, clock, room } = context;
    // Newer vendors want a decimal number.
    vendor.setClientId(identity ?? vendor.clientId ?? `${Math.floor(clock.random() * 2 ** 53)}`);
    vendor.setRoom(room);
    if (options.iceServers) vendor.setPeerConnectionConfig({ iceServers: options.iceServers });
    vendor.requestedOccupants ??= vendor.availableOccupants;
    if (vendor.localMediaStream) return media.use(vendor.localMediaStream);
    const stream = await media.open({ audio: true }, signal);
    signal.throwIfAborted();
    if (stream) await vendor.setLocalMediaStream(stream);
  }
}

function mayKick({ claims }: Token): boolean {
  return Object.keys(claims).length === 0 || claims['kick_users'] === true;
}

function mismatch(claim: string, what: string): TokenError {
  return new TokenError('token_mismatch', `The token is ${what}.`, { claim });
}
