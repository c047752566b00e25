import type { Clock } from '../../clock.ts';

/** How long ICE may be `disconnected` before the connection counts as lost: it may come back by itself. */
const iceGraceMs = 3_000;
/** The vendor pings every 3 s and never looks whether a pong comes. */
const pongLimitMs = 12_000;

/** Notices that a connection is dead when nobody says so. */
export class Liveness {
  readonly #clock: Clock;
  readonly #onDead: (message: string) => void;
  readonly #iceGrace = new Map<string, () => void>();
  #cancelPong: (() => void) | undefined;

  constructor(clock: Clock, onDead: (message: string) => void) {
    this.#clock = clock;
    this.#onDead = onDead;
  }

  /** The ICE state of a stream's connection changed. */
  ice(streamId: string, state: string | undefined): void {
    this.#iceGrace.get(streamId)?.();
    this.#iceGrace.delete(streamId);
    if (state === 'failed' || state === 'closed') this.#onDead(`The media connection ${state}.`);
    if (state !== 'disconnected') return;
    const dead = () => this.#onDead('The media connection broke off.');
    this.#iceGrace.set(streamId, this.#clock.setTimer(dead, iceGraceMs));
  }

  /** A pong came, so the next one is due. A server that never sends one is not held to it. */
  pong(limitMs: number = pongLimitMs): void {
    this.#cancelPong?.();
    const due = this.#clock.monotonic() + limitMs;
    this.#cancelPong = this.#clock.setTimer(() => {
      // A page that was frozen has sent no ping either: it gets another chance.
      if (this.#clock.monotonic() - due > pongLimitMs / 2) this.pong(pongLimitMs / 2);
      else this.#onDead('The media server does not answer any more.');
    }, limitMs);
  }

  stop(): void {
    this.#cancelPong?.();
    for (const cancel of this.#iceGrace.values()) cancel();
  }
}
