import type { ConnectAttempt, JoinContext, OwnInfo, RoomAdapter } from '../adapter.ts';
import type { Token } from '../token/jwt.ts';

/**
 * An adapter without a backend, for tests of an app: it connects when the test says so, and remembers what the session did
 * with it. It has the members that every adapter must have; a test adds others.
 *
 * @example
 * const adapter = new FakeAdapter();
 * const session = new RoomSession({ adapter });
 * await session.join('standup');
 * adapter.attempt.participantJoined({ id: 'ada' });
 */
export class FakeAdapter implements RoomAdapter<string> {
  readonly name = 'fake';
  /** What an attempt does with a token that its backend takes. Default: it is in the room at once. */
  onConnect: (attempt: ConnectAttempt<string>) => Promise<void> | void = (attempt) =>
    attempt.connected('connected');
  /** Which tokens its backend rejects. Default: none. */
  rejects: (token: Token | undefined) => boolean = () => false;
  /** What happens while a join gets ready. Default: nothing. */
  onPrepare: (join: JoinContext) => Promise<void> | void = () => {};
  /** What the clean-up of an attempt does. Default: nothing. */
  onEnd: () => Promise<void> | void = () => {};
  /** Each attempt so far, the newest last. */
  readonly attempts: ConnectAttempt<string>[] = [];
  /** The tokens of the attempts and those that arrived during one, the newest last. `undefined` is a guest's. */
  readonly tokens: (Token | undefined)[] = [];
  /** What the others were told of us, the newest last. */
  readonly announced: OwnInfo[] = [];
  /** How many attempts have ended. */
  ends = 0;

  /** The newest attempt. @throws an `Error` before the first one */
  get attempt(): ConnectAttempt<string> {
    const attempt = this.attempts.at(-1);
    if (!attempt) throw new Error('No attempt was made yet. Join first.');
    return attempt;
  }

  prepare(join: JoinContext): Promise<void> | void {
    return this.onPrepare(join);
  }

  connect(attempt: ConnectAttempt<string>): Promise<void> | void {
    this.attempts.push(attempt);
    this.tokens.push(attempt.token);
    attempt.onToken((token) => this.tokens.push(token));
    attempt.onEnd(() => {
      this.ends++;
      return this.onEnd();
    });
    if (this.rejects(attempt.token)) attempt.rejected('fake_rejection');
    else return this.onConnect(attempt);
  }

  announce(_vendor: string, me: OwnInfo): void {
    this.announced.push(me);
  }

  /** The connection drops; the session makes another attempt. It has no effect unless one is under way. */
  drop(): void {
    this.attempts.at(-1)?.lost('The fake connection dropped');
  }
}
