import { RoomSessionError } from '../errors.ts';

/** A `connect_failed`, or a `connect_denied`, with the backend's or browser's own word for it. */
export function failure(
  message: string,
  vendorCode?: string,
  code: 'connect_failed' | 'connect_denied' = 'connect_failed',
  cause?: unknown,
): RoomSessionError {
  return new RoomSessionError(code, message, { vendorCode, cause });
}
