/** Which meeting: a room, of a tenant where there is one. */
export interface RoomAddress {
  /** Normalised, as the name of the MUC is. */
  readonly room: string;
  /** Normalised; empty where there is none. */
  readonly tenant: string;
}

const dropped = /[:?#[\]@!$&'()*+,;=></"]/g;

/** One part of a room's path as the meeting page makes a MUC's name of it: without some signs, encoded, in lower case. */
export function normalizeName(part: string): string {
  return encodeURIComponent(decode(part).replace(dropped, '').normalize('NFKC').toLowerCase()).toLowerCase();
}

/** Of `room` or `tenant/room`. */
export function parseRoomAddress(path: string): RoomAddress {
  const parts = path.split('/').filter(Boolean);
  const room = normalizeName(parts.pop() ?? '');
  return { room, tenant: parts.map(normalizeName).join('/') };
}

/** What tells meetings apart, in the log too. */
export function nameOf({ room, tenant }: RoomAddress): string {
  return tenant ? `${tenant}/${room}` : room;
}

/** Whether a meeting is the one at this path; undefined fits all. */
export function isRoom(name: string, path: string | undefined): boolean {
  return path === undefined || name === nameOf(parseRoomAddress(path));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
