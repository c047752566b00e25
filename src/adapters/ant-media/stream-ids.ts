import { RoomSessionError } from '../../errors.ts';

/**
 * The rule is the server's (`StreamIdValidator.java`), which answers `invalidStreamName`.
 *
 * @throws `invalid_argument` unless both can be stream ids, and are different
 */
export function checkIds(room: string, identity: string): void {
  if (room !== identity && /^[\w.-]+ [\w.-]+$/.test(`${room} ${identity}`)) return;
  throw new RoomSessionError(
    'invalid_argument',
    `Room "${room}" and identity "${identity}" must differ, and have only letters, digits, "-", "_" and ".".`,
  );
}
