/** `npm run types` checks these: the payload of each event as an app's listener gets it. */
import type {
  ConnectionState,
  Participant,
  ParticipantTrack,
  RoomSession,
  RoomSessionEvents,
  StateChange,
  TokenError,
  TokenReason,
  WakeReason,
} from 'room-session';
import { expectTypeOf, test } from 'vitest';

declare const session: RoomSession;

test('each event has its own payload', () => {
  expectTypeOf<RoomSessionEvents['stateChanged']>().toEqualTypeOf<StateChange>();
  expectTypeOf<RoomSessionEvents['attemptFailed']>().toEqualTypeOf<{ readonly error: Error }>();
  expectTypeOf<RoomSessionEvents['participantJoined']>().toEqualTypeOf<Participant>();
  expectTypeOf<RoomSessionEvents['participantLeft']>().toEqualTypeOf<Participant>();
  expectTypeOf<RoomSessionEvents['trackAdded']>().toEqualTypeOf<ParticipantTrack>();
  expectTypeOf<RoomSessionEvents['trackRemoved']>().toEqualTypeOf<ParticipantTrack>();
  expectTypeOf<RoomSessionEvents['clockSkew']>().toEqualTypeOf<{ readonly ms: number }>();
  expectTypeOf<RoomSessionEvents['woke']>().toEqualTypeOf<{ readonly reason: WakeReason }>();
  expectTypeOf<RoomSessionEvents['tokenExpired']>().toEqualTypeOf<{ readonly room: string }>();
  expectTypeOf<RoomSessionEvents['tokenRefreshed']>().toEqualTypeOf<{
    readonly expiresAt: number;
    readonly reason: TokenReason;
    readonly attempts: number;
  }>();
  expectTypeOf<RoomSessionEvents['tokenRefreshFailed']>().toEqualTypeOf<{
    readonly error: TokenError;
    readonly attempt: number;
    readonly retryAt: number | undefined;
    readonly final: boolean;
  }>();
});

test('a listener gets the payload of its event, without an annotation', () => {
  session.on('participantJoined', (participant) => {
    expectTypeOf(participant).toEqualTypeOf<Participant>();
  });
  session.on('trackAdded', ({ participantId, stream }) => {
    expectTypeOf(participantId).toEqualTypeOf<string>();
    expectTypeOf(stream).toEqualTypeOf<MediaStream>();
  });
  session.on('woke', ({ reason }) => {
    expectTypeOf(reason).toEqualTypeOf<'online' | 'visible' | 'slept'>();
  });
});

test('an event that does not exist, or a listener of another payload, does not compile', () => {
  // @ts-expect-error there is no such event
  session.on('participantJoin', () => {});
  // @ts-expect-error the payload is an object
  session.on('clockSkew', (ms: number) => ms);
});

test('a session says its state, its room and who is in it', () => {
  expectTypeOf(session.state).toEqualTypeOf<ConnectionState>();
  expectTypeOf(session.room).toEqualTypeOf<string | undefined>();
  expectTypeOf(session.participants).toEqualTypeOf<readonly Participant[]>();
  expectTypeOf(session.tracks).toEqualTypeOf<readonly ParticipantTrack[]>();
});

test('no event carries a token', () => {
  type Payload = RoomSessionEvents[keyof RoomSessionEvents];
  expectTypeOf<Extract<Payload, { token: unknown }>>().toEqualTypeOf<never>();
});
