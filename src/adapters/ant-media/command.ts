import type { AdapterTokenRequest, ConnectAttempt } from '../../adapter.ts';
import type { Timer } from '../../timers.ts';
import type { Token } from '../../token/jwt.ts';

/** How long a command in the room may stay without an answer, in ms. */
const answerLimitMs = 15_000;

/** What a {@link Command} is made of. */
export interface CommandParts {
  readonly name: 'publish' | 'play';
  readonly streamId: string;
  readonly attempt: ConnectAttempt;
  readonly timer: Timer;
  send(token: string | undefined): void;
  isJoined(): boolean;
}

/** One of the two commands that ask to be let in: `publish` for our own stream, `play` for the room. */
export class Command {
  readonly parts: CommandParts;
  /** `asked` lasts from the call for its token until the answer. */
  phase: 'idle' | 'asked' | 'accepted' = 'idle';
  /** The newest token that it was sent with. */
  token: Token | undefined;

  constructor(parts: CommandParts) {
    this.parts = parts;
  }

  /** Sends it with `token`, or else with one that is valid now. */
  async ask(token?: Token | undefined, request?: AdapterTokenRequest): Promise<void> {
    const { attempt, send } = this.parts;
    this.phase = 'asked';
    try {
      this.token = token ?? (await attempt.getToken(request));
      if (attempt.signal.aborted) return;
      this.#expectAnswer();
      send(this.token?.value);
    } catch (error) {
      attempt.failed(error);
    }
  }

  answered(): void {
    this.phase = 'accepted';
    this.parts.timer(this.parts.name);
  }

  #expectAnswer(): void {
    const { name, attempt, timer, isJoined } = this.parts;
    timer(name, answerLimitMs, () => {
      // Before we are in the room the attempt's own deadline applies.
      if (!isJoined()) return this.#expectAnswer();
      attempt.lost(`The media server did not answer ${name} within ${answerLimitMs / 1000} s`);
    });
  }
}
