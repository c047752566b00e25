import type { AdapterTokenRequest, ConnectAttempt } from '../../adapter.ts';
import type { Token } from '../../token/jwt.ts';

/** How long a subscriber's code (TOTP) is used. It lives a minute by default, and takes time to arrive. */
const codeUseMs = 20_000;

/** What lets a command in: the vendor's arguments `token`, `subscriberId`, `subscriberCode`. */
export type Proof = readonly [
  token: string | undefined,
  subscriberId: string | undefined,
  subscriberCode: string | undefined,
];

/** The tokens of one attempt, and the codes of a subscriber beside them or in their place. */
export class Credentials {
  readonly #attempt: ConnectAttempt;
  #code: Promise<Token | undefined> | undefined;
  #codeUntil = 0;

  constructor(attempt: ConnectAttempt) {
    this.#attempt = attempt;
  }

  /** What to send a command with now. */
  get(request?: AdapterTokenRequest): Promise<Token | undefined> {
    const { token, clock, getToken } = this.#attempt;
    if (!codeOf(token)) return getToken(request);
    const now = clock.monotonic();
    if (!this.#code || request || now >= this.#codeUntil) {
      this.#codeUntil = now + codeUseMs;
      this.#code = getToken(request ?? { fresh: true });
    }
    return this.#code;
  }
}

/** The code of a token's answer. */
export const codeOf = (token: Token | undefined): string | undefined =>
  token?.details['subscriberCode'] as string | undefined;

/** What a command is sent with. */
export function proofOf(token: Token | undefined): Proof {
  const code = codeOf(token);
  // Without a token beside it, the code stands in its place.
  const value = token?.value === code ? undefined : token?.value;
  return [value, token?.details['subscriberId'] as string | undefined, code];
}
