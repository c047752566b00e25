import type { ConnectContext } from '../../adapter.ts';

/** Who is in the room and with which tracks, told to the session as it changes. */
export class RoomPeople {
  readonly #report: ConnectContext['report'];
  /** Each participant's stream: ours, and the same over reconnects. */
  readonly #streams = new Map<string, MediaStream>();
  /** Who was there before the connection was lost, and did not show up again yet. */
  #missing = new Set<string>();

  constructor(report: ConnectContext['report']) {
    this.#report = report;
  }

  join(id: string): void {
    this.#missing.delete(id);
    if (this.#streams.has(id)) return;
    this.#streams.set(id, new MediaStream());
    this.#report({ type: 'participantJoined', participant: { id } });
  }

  leave(id: string): void {
    this.setTracks(id, []);
    if (this.#streams.delete(id)) this.#report({ type: 'participantLeft', participant: { id } });
  }

  /** What is received of a participant now; nothing where it is not somebody of the room. */
  setTracks(id: string, tracks: readonly MediaStreamTrack[]): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    for (const track of stream.getTracks()) {
      if (tracks.includes(track)) continue;
      stream.removeTrack(track);
      this.#report({ type: 'trackRemoved', participantId: id, track, stream });
    }
    for (const track of tracks) {
      if (stream.getTracks().includes(track)) continue;
      stream.addTrack(track);
      this.#report({ type: 'trackAdded', participantId: id, track, stream });
    }
  }

  /** The connection is gone, and all tracks were taken back; the people may still be there. */
  lose(): void {
    this.#missing = new Set(this.#streams.keys());
  }

  /** The server has named all who are there: who did not show up again has left meanwhile. */
  settle(): void {
    for (const id of this.#missing) this.leave(id);
  }
}
