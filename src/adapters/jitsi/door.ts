import type { ConnectAttempt, WaitReason } from '../../adapter.ts';
import { callSafely } from '../../report-error.ts';
import { makeTimers, type Timer } from '../../timers.ts';
import type { JitsiOptions } from './options.ts';
import type { JitsiMeetExternalAPI } from './vendor.ts';

/** How often a guest who waits is asked for a token again, in ms: the endpoint may have one by now. */
const guestAsksMs = 15_000;

/** Where a person waits who is not in the room yet, and what may open it: a token for a guest, the room's password. */
export class Door<V extends JitsiMeetExternalAPI> {
  readonly #api: V;
  readonly #attempt: ConnectAttempt<V>;
  readonly #password: JitsiOptions['password'];
  readonly #timer: Timer;
  #isAsking = false;
  #given: string | undefined;

  constructor(api: V, attempt: ConnectAttempt<V>, password: JitsiOptions['password']) {
    this.#api = api;
    this.#attempt = attempt;
    this.#password = password;
    this.#timer = makeTimers(attempt.clock, attempt.signal);
    attempt.onToken(() => this.#onToken());
  }

  wait(reason: WaitReason): void {
    this.#attempt.waiting(reason, this.#api);
    if (reason === 'password') void callSafely(() => this.#givePassword());
    else if (reason !== 'prejoin' && !this.#attempt.token && !this.#isAsking) this.#askForToken();
  }

  /** We are in. */
  opened(): void {
    this.#isAsking = false;
    this.#timer('guest');
  }

  #askForToken(): void {
    this.#isAsking = true;
    this.#timer('guest', guestAsksMs, () => {
      const asked = this.#attempt.getToken({ fresh: true });
      asked.then((token) => (token ? this.#onToken() : this.#askForToken())).catch(() => {});
    });
  }

  /** A guest who waits is let in with a token. */
  #onToken(): void {
    if (this.#isAsking) this.#attempt.lost('A token came for the guest who waits');
  }

  /** One that was wrong is asked for again by the page, and then left to the person. */
  async #givePassword(): Promise<void> {
    const { room, signal } = this.#attempt;
    const password = typeof this.#password === 'function' ? await this.#password(room) : this.#password;
    if (password === undefined || password === this.#given || signal.aborted) return;
    this.#given = password;
    this.#api.executeCommand('password', password);
  }
}
