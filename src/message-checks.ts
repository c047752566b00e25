import { RoomSessionError } from './errors.ts';

/** How long a message may be where the adapter does not say, in bytes. */
const defaultLimit = 60_000;

/**
 * Looks at a message.
 *
 * @throws `invalid_argument` where JSON cannot carry it, or it is too long
 */
export function checkMessage(data: unknown, limit: number = defaultLimit): void {
  let text: string | undefined;
  try {
    text = JSON.stringify(data);
  } catch {}
  if (text === undefined) throw invalid('A message must be a text, or something that JSON can carry.');
  const size = new TextEncoder().encode(text).length;
  if (size > limit)
    throw invalid(`A message of ${size} bytes is too long for this backend. It takes ${limit}.`);
}

const invalid = (message: string): RoomSessionError => new RoomSessionError('invalid_argument', message);
