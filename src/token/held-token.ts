import type { Token } from './jwt.ts';

/** The token in use, and what became of it. */
export class HeldToken {
  /** `null`: the source let us in as a guest. `undefined`: it has not answered. */
  token: Token | null | undefined;
  /** `unused`: no caller has it yet. `rejected` by a backend, or `ended`: it is not handed out again. */
  state: 'unused' | 'used' | 'rejected' | 'ended' = 'unused';
  /** In ms. `Infinity`: no token was seen yet, or it has no end. */
  lifeMs: number = Number.POSITIVE_INFINITY;

  /** The token, as long as it may be handed out. */
  get current(): Token | undefined {
    const { token, state } = this;
    return token && (state === 'unused' || state === 'used') && !token.isExpired ? token : undefined;
  }

  /** Takes another token into use. */
  take(token: Token | null, lifeMs: number): void {
    this.token = token;
    this.state = 'unused';
    this.lifeMs = lifeMs;
  }
}
