import type { ParticipantInfo } from '../../adapter.ts';

const smallest = 1e15;

/**
 * A client id that no other join has: 16 digits, which newer vendors want at the start, and the identity where there is
 * one. On the server, client ids are one namespace over all rooms, and a subscription finds its publisher by that id alone.
 *
 * @param random - from 0 to 1
 */
export function makeClientId(identity: string | undefined, random: number): string {
  const digits = smallest + Math.floor(random * (Number.MAX_SAFE_INTEGER - smallest));
  return identity === undefined ? `${digits}` : `${digits}~${identity}`;
}

/** A participant by client id: with the identity in it, where the other side has made it in this way too. */
export function participantOf(id: string): ParticipantInfo {
  const identity = /^\d{16}~(.+)$/s.exec(id)?.[1];
  return identity === undefined ? { id } : { id, identity, name: identity };
}
