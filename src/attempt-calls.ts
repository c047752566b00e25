import type { Attempt } from './attempt.ts';
import { asRoomSessionError, rejectedOnce, rejectedTwice } from './attempt-errors.ts';
import type { AdapterTokenRequest, ConnectAttempt, LostDetails } from './connect-attempt.ts';
import { RoomSessionError } from './errors.ts';
import { callSafely } from './report-error.ts';
import { measureSpeakers } from './speakers.ts';
import { makeTimers } from './timers.ts';

/** How long after `connected` participants may be named again by default, in ms. */
const defaultParticipantsWithinMs = 2_000;

/** The calls of one group. They need no `this`. */
type Calls<Name extends keyof ConnectAttempt> = Pick<ConnectAttempt, Name>;

/** An attempt, and what its calls share. */
interface Parts {
  readonly attempt: Attempt;
  readonly timer: ReturnType<typeof makeTimers>;
  /** The same function, without effect after the attempt's end. */
  whileOpen<Args extends unknown[]>(work: (...args: Args) => void): (...args: Args) => void;
}

/** What an adapter has of an attempt. */
export function attemptCalls(attempt: Attempt): ConnectAttempt {
  const { join, isReconnect, attemptTimeoutMs } = attempt.host;
  const { room, identity, name, clock, media, me } = join;
  const { signal } = attempt.scope;
  const parts: Parts = {
    attempt,
    timer: makeTimers(clock, signal),
    whileOpen:
      (work) =>
      (...args) => {
        if (attempt.isOpen) join.atOnce(() => work(...args));
      },
  };
  const setDeadline = deadline(parts);
  setDeadline(attemptTimeoutMs);
  return {
    ...{ room, identity, name, clock, signal, isReconnect, setDeadline },
    get token() {
      return attempt.token;
    },
    get localStream() {
      return media.stream;
    },
    get wishes() {
      return media.wishes;
    },
    get me() {
      return me.info;
    },
    ...tokenCalls(parts),
    ...stateCalls(parts, setDeadline),
    ...endCalls(parts),
    ...participantCalls(parts),
    onEnd: (cleanUp) => attempt.scope.onEnd(cleanUp),
  };
}

function deadline({ attempt, timer }: Parts): ConnectAttempt['setDeadline'] {
  return (limitMs, problem = 'did not let us in', advice = '') => {
    if (limitMs === undefined) return timer('deadline');
    const { name } = attempt.host.adapter;
    const message = `The backend (${name}) ${problem} within ${limitMs / 1000} s. ${advice}`.trim();
    timer('deadline', limitMs, () => lose(attempt, message));
  };
}

function tokenCalls({ attempt, whileOpen }: Parts): Calls<'getToken' | 'onToken' | 'accepted'> {
  const { join, adapter } = attempt.host;
  const { signal } = attempt.scope;
  return {
    async getToken(request: AdapterTokenRequest = {}) {
      const { rejected, vendorCode, fresh = adapter.oneTimeTokens } = request;
      signal.throwIfAborted();
      if (rejected && attempt.phase !== 'connected' && !join.mayReplace(rejected)) {
        throw rejectedTwice(adapter, vendorCode);
      }
      return join.getToken({ rejected, fresh, signal: request.signal }, signal);
    },
    onToken: whileOpen((listener) => join.onToken(whileOpen(listener))),
    accepted: whileOpen(() => join.forgetRejections()),
  };
}

function stateCalls(
  { attempt, timer, whileOpen }: Parts,
  setDeadline: ConnectAttempt['setDeadline'],
): Calls<'reached' | 'connected' | 'waiting' | 'reconnecting' | 'retrying'> {
  const { host } = attempt;
  const { join, adapter, attemptTimeoutMs } = host;
  const { participants, media, me } = join;

  /** What an attempt that has ended could not restore, the next one will. */
  async function restore(work: void | Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (attempt.isOpen) throw error;
    }
  }

  function restoreWishes(vendor: unknown): void {
    const { microphone, camera } = media.wishes;
    if (microphone !== undefined) void callSafely(() => restore(adapter.setMicrophone?.(vendor, microphone)));
    if (camera !== undefined) void callSafely(() => restore(adapter.setCamera?.(vendor, camera)));
  }

  function enter(phase: 'connected' | 'waiting', vendor: unknown): void {
    attempt.phase = phase;
    attempt.vendor = vendor;
    timer('deadline');
    host.onReached();
  }

  return {
    reached: whileOpen(() => host.onReached()),
    connected: whileOpen((vendor: unknown, id = join.identity ?? '') => {
      enter('connected', vendor);
      me.update(id);
      join.forgetRejections();
      timer(
        'participants',
        adapter.participantsWithinMs ?? defaultParticipantsWithinMs,
        whileOpen(() => participants.complete()),
      );
      restoreWishes(vendor);
      host.onConnected();
      const { calls } = attempt;
      if (calls) void callSafely(() => restore(adapter.announce?.(vendor, me.info, calls)));
    }),
    waiting: whileOpen((reason, vendor?: unknown) => {
      enter('waiting', vendor);
      host.onWaiting(reason);
    }),
    reconnecting: whileOpen(() => {
      if (attempt.phase !== 'connected') return;
      attempt.phase = 'reconnecting';
      timer('participants');
      setDeadline(attemptTimeoutMs, 'did not let us in again');
      participants.lost();
      host.onReconnecting();
    }),
    retrying: whileOpen((error, id?: string) => host.onRetrying(asRoomSessionError(error, adapter), id)),
  };
}

function endCalls({ attempt, whileOpen }: Parts): Calls<'rejected' | 'lost' | 'denied' | 'ended' | 'failed'> {
  const { join, adapter } = attempt.host;
  const ours = (error: unknown) => asRoomSessionError(error, adapter);
  const denied = (error: unknown) => attempt.finish({ type: 'over', reason: 'denied', error: ours(error) });
  return {
    rejected: whileOpen((vendorCode?: string, why?: string) => {
      const { token } = attempt;
      if (!join.mayReplace(token)) return denied(rejectedTwice(adapter, vendorCode, why));
      attempt.finish({ type: 'rejected', error: rejectedOnce(adapter, vendorCode, why), token });
    }),
    lost: (problem, details) => lose(attempt, `${problem}.`, details),
    denied,
    ended: (reason, error) =>
      attempt.finish({ type: 'over', reason, error: error === undefined ? undefined : ours(error) }),
    failed(thrown) {
      const error = ours(thrown);
      if (error.isDenied) denied(error);
      else if (/^connect_/.test(error.code)) attempt.finish({ type: 'lost', error });
      else attempt.finish({ type: 'over', reason: 'ended', error });
    },
  };
}

function participantCalls({
  attempt,
  timer,
  whileOpen,
}: Parts): Calls<
  | 'participants'
  | 'participantJoined'
  | 'participantUpdated'
  | 'participantLeft'
  | 'participantsComplete'
  | 'speakers'
  | 'connections'
  | 'message'
  | 'screenShared'
  | 'devices'
  | 'tracks'
  | 'roomTracks'
  | 'muted'
  | 'publishes'
> {
  const { join } = attempt.host;
  const { participants, media, me, room } = join;
  return {
    participants: whileOpen((list) => participants.set(list)),
    participantJoined: whileOpen((participant) => participants.join(participant)),
    participantUpdated: whileOpen((participant) => participants.update(participant)),
    participantLeft: whileOpen((id) => participants.leave(id)),
    participantsComplete: whileOpen(() => participants.complete()),
    speakers: whileOpen((ids) => {
      timer('speakers');
      participants.setSpeakers(ids);
    }),
    message: whileOpen((from: string, data: unknown) => join.onMessage({ from, data })),
    screenShared: whileOpen((on: boolean) => {
      media.published.isSharingInPage = on;
      media.apply('camera');
    }),
    devices: whileOpen((list) => join.onDevices(list)),
    connections: whileOpen((connections) => {
      media.published.replace = (old, now) => replaceTrack(connections(), old, now);
      measureSpeakers({
        ...{ timer, connections },
        me: me.participant?.id ?? '',
        ownerOf: (track) => participants.ownerOf(track),
        onSpeakers: (ids) => participants.setSpeakers(ids),
      });
    }),
    tracks: whileOpen((id, tracks) => participants.setTracks(id, tracks)),
    roomTracks: whileOpen((tracks) => participants.setRoomTracks(room, tracks)),
    muted: whileOpen((device, muted) => void media.turn(device, !muted).catch(() => {})),
    publishes: whileOpen((track, deviceId?: string) => media.adopt(track, deviceId)),
  };
}

function lose(attempt: Attempt, message: string, { pauseMs, ...details }: LostDetails = {}): void {
  attempt.finish({ type: 'lost', error: new RoomSessionError('connect_failed', message, details), pauseMs });
}

/** Puts a track in the place of another one where that is sent. */
async function replaceTrack(
  connections: readonly RTCPeerConnection[],
  old: MediaStreamTrack,
  now: MediaStreamTrack,
): Promise<void> {
  const open = connections.filter(({ signalingState }) => signalingState !== 'closed');
  const senders = open.flatMap((connection) => connection.getSenders()).filter(({ track }) => track === old);
  await Promise.all(senders.map((sender) => sender.replaceTrack(now)));
}
