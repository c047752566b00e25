import type { ConnectAttempt } from '../../adapter.ts';
import type { Timer } from '../../timers.ts';
import { failure } from '../failure.ts';
import { readAppMessage } from './messages.ts';
import { RoomList } from './room-list.ts';
import { readMessage } from './room-messages.ts';
import { RoomTracks } from './room-tracks.ts';
import type { VendorDetail } from './vendor.ts';

/** How often the server is asked whose a slot is. */
const askAgainMs = 3_000;
/** How soon a list must come to count as the server's answer. */
const answerMs = 1_000;
/** How long the server may take to say whose any slot is, until that is reported. */
const slotsLimitMs = 10_000;

/** The played room: who is in it, and whose its tracks are. */
export class Room {
  readonly #attempt: ConnectAttempt;
  readonly #timer: Timer;
  readonly #me: string;
  readonly #send: (command: string) => void;
  readonly #list: RoomList;
  readonly #tracks: RoomTracks;
  /** `waiting` for the first answer of whose a slot is. */
  #slots: 'none' | 'waiting' | 'told' = 'none';
  /** The next list is the answer to our question, unless it is a forged one. */
  #isAsked = false;

  constructor(
    attempt: ConnectAttempt,
    me: string,
    timer: Timer,
    send: (command: string, more?: object) => void,
  ) {
    this.#attempt = attempt;
    this.#timer = timer;
    this.#me = me;
    this.#send = send;
    const onChange = () => this.#tracks.update();
    const hasTrack = (id: string) => this.#tracks.hasNamed(id);
    this.#list = new RoomList({ attempt, me, timer, send, hasTrack, onChange });
    this.#tracks = new RoomTracks(attempt, me, this.#list);
    this.#tracks.onEmpty = (id) => {
      // Their tracks may be gone while they are here. The list says so, where the server has one.
      if (this.#list.isComplete) this.#list.ask();
      else this.leave(id);
    };
  }

  /** The server plays the room. */
  started(): void {
    this.#list.ask();
  }

  addTrack(detail: VendorDetail): void {
    const name = this.#tracks.add(detail);
    if (name) this.#list.join(name);
    if (this.#tracks.hasNamelessVideo) this.#askSlots();
  }

  /** A text came by the data channel. */
  takeText(text: unknown): void {
    const message = readMessage(text, this.#attempt.room);
    if (!message) return this.#takeAppText(text);
    if (message.type === 'updated') {
      this.#list.ask();
      this.#askSlots();
      return;
    }
    const { ids } = this.#list;
    const { participant } = message;
    if (participant) return void (ids.has(participant.id) && this.#attempt.participantUpdated(participant));
    const named = message.assignments.map(({ participantId }) => participantId);
    const isNew = this.#tracks.assign(message);
    if (message.type === 'video') {
      if (named.length > 0) this.#slots = 'told';
      // Any participant can send what looks like a list. The server has the last word.
      if (this.#isAsked) this.#isAsked = false;
      else if (isNew) this.#askSlots();
    }
    // A participant without a slot may have left, and one with a new slot may have joined.
    if (named.some((id) => !(id && ids.has(id)))) this.#list.ask();
  }

  /** A participant who is not known may be anyone. */
  #takeAppText(text: unknown): void {
    const { from, data } = readAppMessage(text, this.#me) ?? {};
    if (from !== undefined && this.#list.ids.has(from)) this.#attempt.message(from, data);
  }

  join(id: string): void {
    this.#list.join(id);
    this.#list.ask();
  }

  leave(id: string): void {
    this.#tracks.leave(id);
    this.#list.leave(id);
  }

  takeList(detail: VendorDetail): void {
    const before = [...this.#list.ids];
    this.#list.take(detail);
    for (const id of before) if (!this.#list.ids.has(id)) this.#tracks.leave(id);
  }

  takeNames(detail: VendorDetail): void {
    this.#list.takeNames(detail);
  }

  /** There is nothing to play. */
  clear(): void {
    this.#timer('slots');
    this.#tracks.clear();
    for (const id of [...this.#list.ids]) this.#list.leave(id);
    this.#attempt.participants([]);
  }

  /** Asks whose the slots are, until the server has said it of all participants who may be in one. */
  #askSlots(): void {
    this.#isAsked = true;
    this.#timer('answer', answerMs, () => {
      this.#isAsked = false;
    });
    this.#send('getVideoTrackAssignmentsCommand');
    if (this.#slots === 'none') {
      this.#slots = 'waiting';
      this.#timer('slots report', slotsLimitMs, () => this.#reportSlots());
    }
    this.#timer('slots', askAgainMs, () => this.#isSlotMissing && this.#askSlots());
  }

  get #isSlotMissing(): boolean {
    const { ids, isComplete } = this.#list;
    const isSomeoneUnseen = !isComplete || [...ids].some((id) => !this.#tracks.has(id));
    return this.#tracks.hasNamelessVideo && isSomeoneUnseen;
  }

  #reportSlots(): void {
    if (this.#slots === 'told' || !this.#isSlotMissing) return;
    const message = `The media server has not told whose the room's video tracks are (${slotsLimitMs / 1000} s).`;
    this.#attempt.retrying(failure(`${message} Check that its data channel is on.`));
  }
}
