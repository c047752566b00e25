import type { RoomSessionError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { checkUrl } from '../check-url.ts';
import { failure } from '../failure.ts';
import type { StayParts } from '../stay.ts';
import { makeTimers } from '../timers.ts';
import { meaningOf } from './definitions.ts';
import type { AntMediaOptions } from './options.ts';
import { type RoomTracks, readAssignments } from './room-tracks.ts';
import { openVendor, type VendorDetail, type WebRTCAdaptor, type WebRTCAdaptorClass } from './vendor.ts';

/** What the attempts of one stay have in common, and leave to the next one. */
export interface Stay extends StayParts {
  readonly options: AntMediaOptions;
  readonly Vendor: WebRTCAdaptorClass;
  /** Our stream id. */
  readonly me: string;
  /** What we publish. */
  readonly stream: MediaStream | undefined;
  readonly tracks: RoomTracks;
  /** The tokens that the server refused last, by stream id: so that a second refusal is known as one. */
  readonly refusals: Map<string, Token | undefined>;
  vendor?: WebRTCAdaptor | undefined;
  /** ICE servers that the media server named. */
  iceServers?: RTCIceServer[] | undefined;
}

/** How often an empty room is asked for again; the vendor's own client does it every 3.5 s. */
const playAgainMs = 3_000;
/** The first time sooner: the answer may have crossed with our own stream's start, which makes the room exist. */
const playAgainFirstMs = 500;
/** How long ICE may be `disconnected` before the connection counts as lost: it may come back by itself. */
const iceGraceMs = 3_000;
/** The vendor pings every 3 s and never looks whether a pong comes. */
const pongLimitMs = 12_000;

/**
 * One try to be in the room, on one vendor object and one socket, with a token that is valid then. It leaves nothing
 * behind.
 *
 * @returns what ended it, where another try may help
 * @throws what ended it, where none can
 */
export async function attempt(
  stay: Stay,
  onOpen: () => void,
  onJoined: () => void,
): Promise<RoomSessionError> {
  const { context, options, Vendor, me, stream, tracks, refusals } = stay;
  const { clock, room } = context;
  const { oneTimeTokens: fresh, attemptTimeoutMs = 15_000, iceServers } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([stay.signal, over.signal]);
  const getToken = (rejected: Token | undefined) => context.getToken({ fresh, rejected, signal });

  // Names the server; where tokens are for one use, it goes with the first command too.
  let spare = await getToken(refusals.get(me) ?? refusals.get(room));
  signal.throwIfAborted();
  const serverUrl = spare?.details['serverUrl'] ?? options.websocketUrl;
  const httpEndpointUrl = serverUrl == null ? options.httpEndpointUrl : undefined;
  if (!fresh) spare = undefined;

  return new Promise((resolve, reject) => {
    /** Commands that wait for an answer, by stream id, and the token that each was sent with. */
    const pending = new Map<string, Token | undefined>();
    const timer = makeTimers(clock, signal);
    let joined = false;
    let playing = false;
    let playAgainIn = playAgainFirstMs;

    const fail = (error: unknown) => {
      reject(error);
      over.abort();
    };
    const lose = (error: RoomSessionError) => {
      resolve(error);
      over.abort();
    };
    const said = (what: string, code?: 'connect_denied') =>
      failure(`The media server says ${what}.`, what, code);

    /** A command that nobody answers would leave us in the room without hearing anybody. */
    const startDeadline = () =>
      timer('answer', attemptTimeoutMs, () =>
        lose(failure(`The media server did not let us in within ${attemptTimeoutMs / 1000} s.`)),
      );

    async function send(streamId: string): Promise<void> {
      pending.set(streamId, undefined);
      startDeadline();
      const first = spare;
      spare = undefined;
      try {
        const token = first ?? (await getToken(refusals.get(streamId)));
        if (signal.aborted) return;
        pending.set(streamId, token);
        const none = undefined;
        const { streamName, metaData, role } = options;
        if (streamId === me) vendor.publish(me, token?.value, none, none, streamName, room, metaData, role);
        else vendor.play(room, token?.value, none, none, none, none, none, role);
      } catch (error) {
        fail(error);
      }
    }

    function accepted(streamId: string): void {
      refusals.delete(streamId);
      pending.delete(streamId);
      if (pending.size === 0) timer('answer');
      if (joined || (stream && streamId === room)) return;
      joined = true;
      onJoined();
    }

    function playIn(delayMs: number): void {
      timer('play', delayMs, () => playing || pending.has(room) || send(room));
    }

    /** Nobody is there yet: in the room all the same, and asking again until there is something to play. */
    function roomEmpty(): void {
      playing = false;
      vendor.stop(room);
      // What was broken off is stopped now, and so no reason to reconnect.
      timer(`ice ${room}`);
      tracks.settle();
      accepted(room);
      playIn(playAgainIn);
      playAgainIn = playAgainMs;
    }

    function expectPong(limitMs: number): void {
      const due = clock.monotonic() + limitMs;
      timer('pong', limitMs, () => {
        // A page that was frozen has sent no ping either: it gets another chance.
        if (clock.monotonic() - due > pongLimitMs / 2) expectPong(pongLimitMs / 2);
        else lose(failure('The media server does not answer any more.'));
      });
    }

    function onInfo(info: string, detail: VendorDetail): void {
      const { streamId, trackId, state } = detail;
      if (info === 'initialized') {
        onOpen();
        if (stream) send(me);
        // A one-time token played too early is burnt: our own stream makes the room exist first.
        if (!stream || !fresh) send(room);
      } else if (info === 'pong') expectPong(pongLimitMs);
      else if (info === 'closed' || info === 'server_will_stop') lose(said(info));
      else if (info === 'ice_connection_state_changed') {
        const broken = () => lose(failure(`The media connection ${state}.`));
        timer(`ice ${streamId}`, iceGraceMs, state === 'disconnected' ? broken : undefined);
        if (/failed|closed/.test(state)) broken();
      } else if (streamId === me) {
        // After a reconnect the server may say that it took up the old session again.
        if (info === 'publish_started' || info === 'session_restored') {
          accepted(me);
          playIn(0);
        } else if (info === 'publish_finished' && joined) lose(said(info));
      } else if (streamId !== room) return;
      else if (info === 'play_started') {
        playing = true;
        tracks.settle();
        accepted(room);
      } else if (info === 'play_finished' && playing) {
        tracks.lose();
        roomEmpty();
      } else if (info === 'data_received') tracks.assign(readAssignments(detail.data));
      else if (!trackId) return;
      else if (info === 'newTrackAvailable') tracks.add(detail, signal);
      else if (info === 'subtrackRemoved') tracks.leave(trackId);
      else if (info === 'subtrackAdded') {
        tracks.join(trackId);
        playIn(0);
      }
    }

    function onError(definition: string, { streamId }: VendorDetail): void {
      const isOurs = streamId === me || streamId === room;
      // It is about something that the app did by itself through the vendor's object.
      if (streamId && !isOurs && joined) return;
      const meaning = meaningOf(definition);
      const isPending = pending.has(streamId);
      if (meaning === 'refused' && isPending && !refusals.has(streamId)) {
        refusals.set(streamId, pending.get(streamId));
        vendor.stop(streamId);
        send(streamId);
      } else if (meaning === 'refused') {
        const advice = "Check the token's secret, claims and lifetime.";
        fail(failure(`The media server refused a new token, too. ${advice}`, definition, 'connect_denied'));
      } else if (meaning === 'denied') fail(said(definition, 'connect_denied'));
      else if (meaning === 'terminal') fail(said(definition));
      else if (meaning === 'lost') lose(said(definition));
      else if (isOurs ? !isPending : joined) return;
      else if (meaning === 'transient') lose(said(definition));
      else if (meaning === 'empty' && streamId === room) roomEmpty();
    }

    const vendor = openVendor(
      Vendor,
      {
        ...options.vendorOptions,
        ...(iceServers && { peerconnection_config: { iceServers } }),
        httpEndpointUrl,
        websocketURL: httpEndpointUrl ? undefined : checkUrl(serverUrl, 'websocketUrl'),
        localStream: stream,
        isPlayMode: !stream,
      },
      [me, room],
      signal,
      onInfo,
      onError,
    );
    stay.vendor = vendor;
    if (stay.iceServers) vendor.peerconnection_config.iceServers = stay.iceServers;
    signal.addEventListener('abort', () => {
      stay.vendor = undefined;
      stay.iceServers = vendor.peerconnection_config.iceServers;
    });
    startDeadline();
  });
}
