import type { ConnectAttempt } from '../../adapter.ts';

/** Replaces a frame whose page can no longer log in. The page knows only the token that it was made with. */
export class Renewal {
  readonly #attempt: ConnectAttempt;
  #asked: Promise<void> | undefined;

  constructor(attempt: ConnectAttempt) {
    this.#attempt = attempt;
  }

  /**
   * Whether the page takes its token for expired. When its socket is lost it compares `exp` with the browser's clock, and
   * where that is over it does not log in again, whatever the server's clock says.
   */
  get isOver(): boolean {
    const { token, clock } = this.#attempt;
    const exp = token?.claims['exp'];
    return (token?.isExpired ?? false) || (typeof exp === 'number' && exp * 1_000 <= clock.now());
  }

  /** The page will log in again. Where its token has expired, a frame with a new one follows, as soon as there is one. */
  ifExpired(): void {
    const { token, getToken, lost } = this.#attempt;
    if (!token?.isExpired) return;
    this.#asked ??= getToken().then(
      () => lost("The frame's token has expired, so a frame with a new one follows"),
      () => {
        // Denied or not: the call goes on for as long as the server lets it.
        this.#asked = undefined;
      },
    );
  }

  /** The page asks its person to log in: its socket is lost, and it will not open another one. */
  ifAskedToLogIn(): void {
    if (this.isOver) this.#attempt.lost('The page lost its socket after the end of its token');
  }
}
