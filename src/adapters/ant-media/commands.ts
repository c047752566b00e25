import type { ConnectContext } from '../../adapter.ts';
import type { Token } from '../../token/jwt.ts';

/** The two commands that Ant Media checks a token with. */
export type Command = 'publish' | 'play';

/** The token refused last, by command. It outlives an attempt, so that a second refusal is known as one. */
export type Refusals = Map<Command, Token | undefined>;

interface CommandsOptions {
  readonly context: ConnectContext;
  /** Where one-time tokens are used: the one that was fetched ahead, for the first command. */
  readonly firstToken: Token | undefined;
  readonly oneTimeTokens: boolean;
  readonly refusals: Refusals;
  /** How long a command may stay unanswered, in ms. */
  readonly limitMs: number;
  readonly onLate: () => void;
}

/** Which commands were sent, with which token, and wait for their answer. A deadline runs while one does. */
export class Commands {
  readonly #with: CommandsOptions;
  readonly #pending = new Set<Command>();
  readonly #tokens = new Map<Command, Token | undefined>();
  #firstToken: Token | undefined;
  #cancelDeadline: (() => void) | undefined;

  constructor(options: CommandsOptions) {
    this.#with = options;
    this.#firstToken = options.firstToken;
    this.#startDeadline();
  }

  isPending(command: Command): boolean {
    return this.#pending.has(command);
  }

  /** The token to send the command with, valid at this moment. */
  async token(command: Command, signal: AbortSignal): Promise<Token | undefined> {
    const { context, oneTimeTokens, refusals } = this.#with;
    this.#pending.add(command);
    this.#startDeadline();
    const first = this.#firstToken;
    this.#firstToken = undefined;
    const request = oneTimeTokens ? { fresh: true, signal } : { rejected: refusals.get(command), signal };
    const token = first ?? (await context.getToken(request));
    this.#tokens.set(command, token);
    return token;
  }

  accepted(command: Command): void {
    this.#with.refusals.delete(command);
    this.#pending.delete(command);
    if (this.#pending.size === 0) this.stop();
  }

  /** The server refused the command's token; answers whether another one is worth a try. */
  refused(command: Command): boolean {
    const { refusals } = this.#with;
    const firstTime = this.#pending.has(command) && !refusals.has(command);
    refusals.set(command, this.#tokens.get(command));
    return firstTime;
  }

  stop(): void {
    this.#cancelDeadline?.();
  }

  /** A command that nobody answers would leave us in the room without hearing anybody. */
  #startDeadline(): void {
    const { context, limitMs, onLate } = this.#with;
    this.#cancelDeadline?.();
    this.#cancelDeadline = context.clock.setTimer(onLate, limitMs);
  }
}
