import type { ConnectAttempt, ParticipantInfo } from '../../adapter.ts';
import type { Timer } from '../../timers.ts';
import { cut, isId, mostParticipants } from '../../untrusted.ts';
import { readMetaData } from './own-info.ts';
import { parseObject } from './parse-object.ts';
import type { VendorDetail } from './vendor.ts';

/** Many reasons to ask in a row are one question. */
const askAgainMs = 1_000;
/** How many names are asked for at once. */
const pageSize = 50;

/** What {@link RoomList} is made of. */
export interface RoomListParts {
  readonly attempt: ConnectAttempt;
  /** Our own stream id, which is in the server's list too. */
  readonly me: string;
  readonly timer: Timer;
  /** Whether a track has this participant's name, so that they are here whatever the list says. */
  hasTrack(id: string): boolean;
  /** Sends a command about the room. */
  send(command: string, more?: object): void;
  onChange(): void;
}

/**
 * Who is in the room, by the notifications of the server's socket only. A room is a broadcast whose subtracks are the
 * participants; they need not have a track that reaches us.
 */
export class RoomList {
  readonly #parts: RoomListParts;
  readonly #ids = new Set<string>();
  /** The newest of each participant. */
  readonly #metaData = new Map<string, unknown>();
  #phase: 'free' | 'asked' | 'ask again' = 'free';
  /** Whether the server has sent its list. */
  isComplete = false;

  constructor(parts: RoomListParts) {
    this.#parts = parts;
  }

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** Asks the server for the list and the names. */
  ask(): void {
    if (this.#phase !== 'free') {
      this.#phase = 'ask again';
      return;
    }
    const { send, timer } = this.#parts;
    this.#phase = 'asked';
    send('getBroadcastObject');
    send('getSubtracks', { role: '', offset: 0, size: pageSize });
    timer('list', askAgainMs, () => {
      const again = this.#phase === 'ask again';
      this.#phase = 'free';
      if (again) this.ask();
    });
  }

  join(id: string, more?: Omit<ParticipantInfo, 'id'>): void {
    const { attempt, me, onChange } = this.#parts;
    const isNew = !this.#ids.has(id);
    if (id === me || !isId(id) || (isNew && this.#ids.size >= mostParticipants)) return;
    this.#ids.add(id);
    attempt.participantJoined({ id, ...more });
    if (isNew) onChange();
  }

  leave(id: string): void {
    this.#ids.delete(id);
    this.#metaData.delete(id);
    this.#parts.attempt.participantLeft(id);
    this.#parts.onChange();
  }

  /** The room's broadcast object has the ids of all (`broadcastObject`). */
  take({ broadcast }: VendorDetail): void {
    const { streamId, subTrackStreamIds } = parseObject(broadcast) ?? {};
    // A server that does not keep the list there leaves it empty; we are in it ourselves.
    if (
      streamId !== this.#parts.attempt.room ||
      !Array.isArray(subTrackStreamIds) ||
      !subTrackStreamIds.length
    )
      return;
    const here = new Set(subTrackStreamIds.slice(0, mostParticipants));
    this.isComplete = true;
    for (const id of here) this.join(id);
    for (const id of [...this.#ids]) if (!here.has(id) && !this.#parts.hasTrack(id)) this.leave(id);
    this.#parts.onChange();
    this.#parts.attempt.participantsComplete();
  }

  /** Broadcast objects of some participants have what these say of themselves (`subtrackList`). It need not be all of them. */
  takeNames({ subtrackList }: VendorDetail): void {
    for (const entry of [subtrackList].flat().slice(0, pageSize)) {
      const { streamId: id, name, metaData } = parseObject(entry) ?? {};
      if (!isId(id)) continue;
      // A message may be newer than metadata that are the same as before.
      const isNew = this.#metaData.get(id) !== metaData;
      this.join(id, { name: cut(name) || undefined, ...(isNew && readMetaData(metaData)) });
      if (this.#ids.has(id)) this.#metaData.set(id, metaData);
    }
  }
}
