import { RoomSessionError } from './errors.ts';
import type { RoomSessionOptions } from './session-options.ts';

/** @throws `invalid_argument` for options that no session can be made of */
export function checkOptions(options: RoomSessionOptions): void {
  if (typeof options?.adapter?.connect !== 'function') {
    throw invalidArgument(
      'new RoomSession({ adapter }) needs an adapter, such as antMedia({ websocketUrl }).',
    );
  }
  if (options.tokenSource !== undefined && typeof options.tokenSource !== 'function') {
    throw invalidArgument('tokenSource must be a function, such as tokenEndpoint("/api/room-token").');
  }
}

/** @throws `invalid_argument` for a room or an identity that is not a non-empty string */
export function checkJoin(room: unknown, identity: unknown): void {
  if (typeof room !== 'string' || room === '') {
    throw invalidArgument(
      `join(room) needs the room's name: expected a non-empty string, got ${describe(room)}.`,
    );
  }
  if (identity !== undefined && (typeof identity !== 'string' || identity === '')) {
    throw invalidArgument(`identity must be a non-empty string, got ${describe(identity)}.`);
  }
}

/** What an adapter threw, as one of our errors. */
export function asRoomSessionError(error: unknown): RoomSessionError {
  if (error instanceof RoomSessionError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new RoomSessionError('connect_failed', `The adapter failed: ${text}`, { cause: error });
}

function invalidArgument(message: string): RoomSessionError {
  return new RoomSessionError('invalid_argument', message);
}

function describe(value: unknown): string {
  return value === '' ? 'an empty string' : value === null ? 'null' : typeof value;
}
