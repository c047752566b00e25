import type { ConnectAttempt } from '../../adapter.ts';
import { makeTimers, type Timer } from '../../timers.ts';
import { ask } from './page.ts';
import type { Renewal } from './renewal.ts';
import type { JitsiMeetExternalAPI, VendorDetail } from './vendor.ts';

/** How often the page is asked for its media connection once its token is over, in ms. */
const askEveryMs = 5_000;
/** How long after a hint a word of the server may explain it, in ms. */
const doubtMs = 3_000;
/** A word of the server explains a hint that follows within this time, in ms: the third person ends a P2P call. */
const explainsMs = 10_000;

/**
 * Notices that the page has lost its socket after the end of its token. The page does not open another one then, and says
 * nothing. The server takes the session out after a minute, and the others or the bridge end its media. That is all there is to
 * notice, so a hint counts only where a second one confirms it and the server says nothing: who hears that a person came
 * or left still has a socket.
 */
export class LostSocket {
  readonly #api: JitsiMeetExternalAPI;
  readonly #attempt: ConnectAttempt;
  readonly #renewal: Renewal;
  /** Whether we are in the room, and others are too: without them there are no media that could end. */
  readonly #isWatching: () => boolean;
  readonly #timer: Timer;
  /** When the page last said what only the server can have told it, by the monotonic clock. */
  #heardAt: number | undefined;
  #hadMedia = false;
  #misses = 0;

  constructor(
    api: JitsiMeetExternalAPI,
    attempt: ConnectAttempt,
    renewal: Renewal,
    isWatching: () => boolean,
  ) {
    this.#api = api;
    this.#attempt = attempt;
    this.#renewal = renewal;
    this.#isWatching = isWatching;
    this.#timer = makeTimers(attempt.clock, attempt.signal);
  }

  /** The vendor's events that tell something of the socket. */
  readonly listeners: Readonly<Record<string, (detail: VendorDetail) => void>> = {
    videoConferenceJoined: () => this.#start(),
    participantJoined: () => this.#heard(),
    participantLeft: () => this.#heard(),
    participantRoleChanged: () => this.#heard(),
    knockingParticipant: () => this.#heard(),
    breakoutRoomsUpdated: () => this.#heard(),
    incomingMessage: () => this.#heard(),
    dataChannelOpened: () => this.#heard(),
    dataChannelClosed: () => this.#hint(),
    p2pStatusChanged: ({ isP2p }) => isP2p === false && this.#hint(),
  };

  /** From now on: the page is in the room. */
  #start(): void {
    this.#heard();
    this.#askLater();
  }

  #askLater(): void {
    this.#timer('ask', askEveryMs, () => void this.#look().finally(() => this.#askLater()));
  }

  #heard(): void {
    this.#heardAt = this.#attempt.clock.monotonic();
    this.#misses = 0;
    this.#timer('doubt');
  }

  get #isSuspect(): boolean {
    return this.#renewal.isOver && this.#isWatching();
  }

  /** Media that flowed before have stopped, seen twice in a row. */
  async #look(): Promise<void> {
    if (!this.#isSuspect) return;
    const hasMedia = await this.#hasMedia();
    if (hasMedia) this.#hadMedia = true;
    this.#misses = hasMedia === false && this.#hadMedia ? this.#misses + 1 : 0;
    if (this.#misses >= 2) this.#lost();
  }

  /** A page that does not know the question answers with neither yes nor no. */
  async #hasMedia(): Promise<boolean | undefined> {
    const { clock, signal } = this.#attempt;
    const stats = await ask(async () => this.#api.getConnectionStats?.(), clock, signal);
    const { iceConnected } = Object(stats);
    return typeof iceConnected === 'boolean' ? iceConnected : undefined;
  }

  #hint(): void {
    const { clock } = this.#attempt;
    const isExplained = this.#heardAt !== undefined && clock.monotonic() - this.#heardAt < explainsMs;
    if (isExplained || !this.#isSuspect) return;
    this.#timer('doubt', doubtMs, async () => {
      const heardAt = this.#heardAt;
      const hasMedia = await this.#hasMedia();
      if (hasMedia !== true && heardAt === this.#heardAt) this.#lost();
    });
  }

  #lost(): void {
    if (this.#isSuspect) this.#attempt.lost('The page lost its socket after the end of its token');
  }
}
