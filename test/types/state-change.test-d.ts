/** `npm run types` checks these: a change of state is told apart by its `state`. */
import type { ConnectionState, EndReason, RoomSessionError, StateChange } from 'room-session';
import { expectTypeOf, test } from 'vitest';

type Change<State extends ConnectionState> = StateChange & { readonly state: State };

test('there is one change for each state, each with the state before it', () => {
  expectTypeOf<StateChange['state']>().toEqualTypeOf<ConnectionState>();
  expectTypeOf<StateChange['previous']>().toEqualTypeOf<ConnectionState>();
});

test('the end has a reason, and an error where something went wrong', () => {
  expectTypeOf<Change<'disconnected'>['reason']>().toEqualTypeOf<EndReason | 'left' | 'failed'>();
  expectTypeOf<Change<'disconnected'>['error']>().toEqualTypeOf<RoomSessionError | undefined>();
});

test('waiting says what for, and has no error', () => {
  expectTypeOf<Change<'waiting'>['reason']>().toEqualTypeOf<'host' | 'lobby' | 'password' | 'prejoin'>();
  expectTypeOf<Change<'waiting'>['error']>().toEqualTypeOf<undefined>();
});

test('the other states have neither a reason nor an error', () => {
  expectTypeOf<Change<'connected'>['reason']>().toEqualTypeOf<undefined>();
  expectTypeOf<Change<'connected'>['error']>().toEqualTypeOf<undefined>();
});

test('a switch over the state narrows the reason, and is complete', () => {
  const text = (change: StateChange): string => {
    switch (change.state) {
      case 'disconnected':
        expectTypeOf(change.reason).toEqualTypeOf<EndReason | 'left' | 'failed'>();
        return change.error?.message ?? change.reason;
      case 'waiting':
        return change.reason;
      case 'connecting':
      case 'connected':
      case 'reconnecting':
        return change.state;
      default:
        expectTypeOf(change).toEqualTypeOf<never>();
        return change;
    }
  };
  expectTypeOf(text).returns.toEqualTypeOf<string>();
});
