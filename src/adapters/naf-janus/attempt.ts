import type { RoomSessionError } from '../../errors.ts';
import type { Token } from '../../token/jwt.ts';
import { failure } from '../failure.ts';
import type { StayParts } from '../stay.ts';
import { makeTimers } from '../timers.ts';
import type { Hold } from './hold.ts';
import type { NafJanusOptions } from './options.ts';
import { isAboutToken, isFull, refusalError, refusalIn } from './refusals.ts';
import type { RoomPeople } from './room-people.ts';
import { socketUrl } from './socket-url.ts';
import { type JanusAdapter, type JanusHandle, networkedAFrame } from './vendor.ts';

/** What the attempts of one stay have in common, and leave to the next one. */
export interface NafStay extends StayParts {
  readonly options: NafJanusOptions;
  readonly hold: Hold;
  readonly people: RoomPeople;
  /** The server, where the token's answer names none. */
  readonly serverUrl: string | null;
  /** We were in the room before. */
  readonly joined: boolean;
}

/** How long ICE may be `disconnected` before the connection counts as lost: it may come back by itself. */
const iceGraceMs = 3_000;
/** How long the server may take to answer after a sleep. */
const aliveLimitMs = 3_000;
/** As the vendor: the server still has our last connection, and the others are subscribed to that one. */
const previousSessionMs = 10_000;
/** How often the vendor compares its clock with the page's server. */
const timeOffsetMs = 300_000;
const timeOffsetRequests = 10;
/** Before asking again for the media of one participant: the first time, and at most. */
const subscribeAgainMs = 500;
const subscribeAgainLimitMs = 30_000;

/**
 * One try to be in the room, with the vendor object of the scene, on a socket of its own. Each join that it sends, ours
 * and each for another participant's media, has a token that is valid then. It leaves nothing behind.
 *
 * @returns what ended it, where another try may help
 * @throws what ended it, where none can
 */
export async function attempt(
  stay: NafStay,
  onOpen: () => void,
  onJoined: () => void,
): Promise<RoomSessionError> {
  const { context, options, people, hold } = stay;
  const { clock, report } = context;
  const { vendor, own } = hold;
  const { attemptTimeoutMs = 15_000 } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([stay.signal, over.signal]);
  const timer = makeTimers(clock, signal);
  const getToken = (rejected?: Token) => context.getToken({ rejected, signal });

  // Names the server; and without one nothing is sent.
  const token = await getToken();
  signal.throwIfAborted();
  vendor.setServerUrl(socketUrl(token?.details['serverUrl'] ?? stay.serverUrl));

  return new Promise((resolve, reject) => {
    const connections = new Map<JanusHandle, RTCPeerConnection>();
    /** Whose media a connection receives; the one that is missing is our own. */
    const sources = new Map<JanusHandle, string>();

    const fail = (error: unknown) => {
      reject(error);
      over.abort();
    };
    const lose = (error: RoomSessionError) => {
      resolve(error);
      over.abort();
    };
    const broken = (what: string) => () => lose(failure(`The connection to Janus is lost: ${what}.`, what));
    const isGone = (id: string) => signal.aborted || !vendor.availableOccupants.includes(id);

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

    async function sendJoin(...[handle, subscribe]: Parameters<JanusAdapter['sendJoin']>) {
      if (subscribe.media !== undefined) sources.set(handle, subscribe.media);
      try {
        let current = await getToken();
        for (let isLast = !current; ; isLast = true) {
          vendor.setJoinToken(current?.value ?? null);
          const reply = await own.sendJoin(handle, subscribe);
          const refusal = refusalIn(reply);
          if (refusal === undefined) return reply;
          if (isLast || !isAboutToken(refusal)) throw refusalError(refusal);
          current = await getToken(current);
        }
      } catch (error) {
        // The vendor forgets it.
        connections.get(handle)?.close();
        throw error;
      }
    }

    /** The vendor's looks at no refusal, and asks six times or once; this one until they are heard, or leave. */
    async function createSubscriber(id: string): ReturnType<JanusAdapter['createSubscriber']> {
      for (let pauseMs = subscribeAgainMs; ; pauseMs = Math.min(2 * pauseMs, subscribeAgainLimitMs)) {
        let error = failure(`No media came from ${id}.`);
        try {
          await getToken();
          const subscriber = await own.createSubscriber(id, 0);
          if (subscriber || isGone(id)) return subscriber;
        } catch (reason) {
          if (isGone(id)) return null;
          error = reason as RoomSessionError;
        }
        report({ type: 'retrying', error });
        if (error.code === 'token_denied') return null;
        await new Promise<void>((goOn) => timer(`subscribe ${id}`, pauseMs, goOn));
      }
    }

    function choose(): void {
      const { subscribe } = options;
      if (subscribe) vendor.requestedOccupants = [...subscribe([...vendor.availableOccupants])];
    }

    /** The vendor's ends in a timer that nothing stops and errors that nobody catches, and holds up the join. */
    async function updateTimeOffset(): Promise<void> {
      timer('time', timeOffsetMs, () => {
        vendor.serverTimeRequests = vendor.timeOffsets.length = 0;
        updateTimeOffset();
      });
      if (vendor.serverTimeRequests >= timeOffsetRequests) return;
      own.updateTimeOffset().catch(() => {});
    }

    function joined(): void {
      timer('answer');
      people.settle();
      onJoined();
    }

    /** What the vendor does not listen to. */
    function watchSession(): void {
      const { session } = vendor;
      if (session) {
        const { send } = session;
        // The vendor makes a peer connection, attaches, and only then lets us know of it: let it get that far.
        session.send = (kind, frame) =>
          new Promise((resolve, reject) => {
            if (kind === 'attach') signal.addEventListener('abort', () => resolve({ data: {} }));
            send.call(session, kind, frame).then(resolve, (error) => {
              if (kind === 'keepalive') broken('no answer')();
              reject(error);
            });
          });
      }
      const isOurs = (sender: unknown) => sender === vendor.publisher?.handle.id;
      session?.on('timeout', broken('session timeout'));
      session?.on('error', ({ error }) => {
        if (error?.code === 458) broken('no such session')();
      });
      // A kick comes as a hangup, too, and then says that we are detached.
      session?.on('hangup', ({ sender }) => isOurs(sender) && timer('hangup', 1_000, broken('hangup')));
      session?.on('detached', ({ sender }) => {
        if (isOurs(sender)) report({ type: 'disconnected', reason: 'removed' });
      });
      const alive = clock.onWake(() => {
        if (!vendor.publisher) return;
        timer('alive', aliveLimitMs, broken('no answer'));
        const answered = session?.send('keepalive').then(() => timer('alive'));
        answered?.catch(() => {});
      });
      signal.addEventListener('abort', () => {
        alive();
        for (const conn of connections.values()) conn.close();
        own.disconnect();
        // What is still under way in the vendor would start its keepalive again.
        if (session) session.send = () => new Promise(() => {});
        vendor.availableOccupants.length = 0;
      });
    }

    Object.assign(vendor, {
      createPublisher() {
        signal.throwIfAborted();
        return own.createPublisher();
      },
      sendJoin,
      createSubscriber,
      updateTimeOffset,
      reconnect: broken('reconnect() was called'),
      // Later it is about ICE, see `watch`.
      performDelayedReconnect: () =>
        vendor.publisher || timer('previous', previousSessionMs, broken('previous session')),
      onWebsocketClose: ({ code }: CloseEvent) => broken(`the socket closed (${code})`)(),
      associate(conn: RTCPeerConnection, handle: JanusHandle) {
        for (const [each, { signalingState }] of connections) {
          if (signalingState === 'closed') connections.delete(each);
        }
        connections.set(handle, conn);
        if (signal.aborted) conn.close();
        own.associate(conn, handle);
        conn.addEventListener('connectionstatechange', () => watch(conn, handle), { signal });
      },
      addAvailableOccupant(id: string) {
        // What is still under way in the vendor would add them to the next attempt.
        if (signal.aborted) return;
        own.addAvailableOccupant(id);
        // networked-aframe marks whoever left, and then drops what a returning one tells of itself before we hear it.
        delete networkedAFrame()?.connection.activeDataChannels?.[id];
        people.join(id);
        choose();
      },
      removeAvailableOccupant(id: string) {
        own.removeAvailableOccupant(id);
        people.leave(id);
        choose();
        if (options.subscribe) vendor.syncOccupants();
      },
      removeOccupant(id: string) {
        people.setTracks(id, []);
        own.removeOccupant(id);
      },
      setMediaStream(id: string, stream: MediaStream | null) {
        own.setMediaStream(id, stream ?? new MediaStream());
        if (id !== vendor.clientId) people.setTracks(id, stream?.getTracks() ?? []);
      },
    });

    timer('answer', attemptTimeoutMs, () =>
      lose(failure(`Janus did not let us in within ${attemptTimeoutMs / 1000} s.`)),
    );
    own.connect().then(joined, (error) => {
      const { code, vendorCode } = error ?? {};
      if (/_denied$/.test(code) && !(stay.joined && isFull(vendorCode))) fail(error);
      else lose(code ? error : failure('Janus could not be reached.', error?.name));
    });
    vendor.ws?.addEventListener('open', onOpen, { signal });
    watchSession();
  });
}
