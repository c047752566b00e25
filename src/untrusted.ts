/** How many participants a room has at most for us, so that a server that names ever more fills no memory. */
export const mostParticipants = 1_000;
const longestText = 500;

/**
 * A copy with the object's own members alone. What a library with a flaw has put into `Object.prototype` is no option,
 * and no server's answer.
 */
export function own<Members extends object>(members: Members): Members;
export function own<Members extends object>(members: Members | undefined): Partial<Members>;
export function own(members: object | undefined): object {
  return Object.assign(Object.create(null), members);
}

/** Whether it can be a participant's id. */
export const isId = (id: unknown): id is string =>
  typeof id === 'string' && id !== '' && id.length <= longestText;

/** A text of another participant or a server, cut before anything else is done with it; `undefined` for what is no text. */
export const cut = (text: unknown): string | undefined =>
  typeof text === 'string' ? text.slice(0, longestText) : undefined;
