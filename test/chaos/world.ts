import { type RoomSession, TokenError, type TokenSource } from '../../src/index.ts';
import type { FakeClock } from '../../src/testing/index.ts';
import { fakeJwt } from '../unit/fake-jwt.ts';
import type { Brittle } from './brittle.ts';
import type { Dice } from './dice.ts';

/** How long a token of these lives is valid, in seconds. */
const lifeS = 60;

/** What happens at a random moment of a life. */
export interface Incident {
  readonly name: string;
  happen(): unknown;
}

/** One person's session on a fake server, and everything that can happen to it. */
export interface World {
  readonly session: RoomSession;
  readonly clock: FakeClock;
  readonly backend: TokenBackend;
  readonly brittle: Brittle;
  /** What can happen to the vendor and its server. */
  readonly incidents: readonly Incident[];
  /** Lets the vendor's time and ours pass. */
  pass(ms: number): Promise<void>;
  /** The server and the vendor work again. */
  heal(): void;
  /** Connected as the session says: what is missing from that, `undefined` where nothing is. */
  halfOpen(): string | undefined;
  /** The copy of a token that the vendor has for what it sends by itself. */
  copies(): readonly (string | null | undefined)[];
  /** What is still open, by name. */
  open(): string[];
}

/** Where tokens come from, and what the server's clock says. */
export class TokenBackend {
  readonly clock: FakeClock;
  readonly #dice: Dice;
  mode: keyof TokenBackend['answers'] = 'works';
  /** Whether it has denied somebody for good since the last join. */
  hasDenied = false;
  /** How far the person's clock was moved, in ms. */
  moved = 0;
  /** Tokens that reached the server after their end, with what they were sent for. */
  readonly stale: string[] = [];
  #issued = 0;

  constructor(clock: FakeClock, dice: Dice) {
    this.clock = clock;
    this.#dice = dice;
  }

  /** The server's time, in ms since the epoch. Nobody moves it. */
  readonly now = (): number => this.clock.now() - this.moved;

  readonly answers = {
    works: () => this.issue(),
    denied: () => {
      this.hasDenied = true;
      throw new TokenError('token_denied', 'Not you.', { status: 401 });
    },
    down: () => {
      throw new TypeError('Failed to fetch');
    },
    busy: () => {
      throw new TokenError('token_unavailable', 'Later.', { status: 503, retryAfterMs: 3_000 });
    },
    odd: () => this.#dice.pick(['', '<html>', { token: 'undefined' }, Object.create(null), 7]) as string,
    silent: () => new Promise<never>(() => {}),
  };

  readonly source: TokenSource = () => this.answers[this.mode]();

  issue(): string {
    const iat = Math.floor(this.now() / 1000);
    const claims = { iat, exp: iat + lifeS, jti: `${this.#issued++}` };
    return fakeJwt({
      ...claims,
      streamId: 'standup',
      type: 'publish',
      room: 'standup',
      join_hub: true,
      kick_users: true,
    });
  }

  isValid(token: string): boolean {
    return this.#lateMs(token) < 0;
  }

  #lateMs(token: string): number {
    const { exp } = JSON.parse(atob(token.split('.')[1] ?? '')) as { exp: number };
    return this.now() - exp * 1000;
  }

  /** Looks at a token that arrived at the server. */
  arrived(token: string | undefined, what: string): boolean {
    const isValid = token !== undefined && token !== '' && this.isValid(token);
    if (!isValid) this.stale.push(token ? `${what}, ${this.#lateMs(token)} ms after its token's end` : what);
    return isValid;
  }

  moveClock(ms: number): void {
    this.moved += ms;
    this.clock.step(ms);
  }
}
