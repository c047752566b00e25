import { EventEmitter } from 'eventemitter3';
import { callSafely } from './report-error.ts';

type Listener<Payload> = (payload: Payload) => void;

/**
 * Typed events, one payload each. What a listener throws is reported as an uncaught error; the other listeners and the
 * emitter do not feel it.
 */
export class Emitter<Events extends object> {
  readonly #events = new EventEmitter();
  readonly #guarded = new WeakMap<Listener<never>, Listener<never>>();

  /** Calls `listener` at each `event`; returns what removes it. */
  on<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): () => void {
    this.#events.on(event, this.#guard(listener));
    return () => this.off(event, listener);
  }

  /** Calls `listener` at the next `event` only; returns what removes it. */
  once<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): () => void {
    this.#events.once(event, this.#guard(listener));
    return () => this.off(event, listener);
  }

  /** Removes `listener`. */
  off<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): void {
    this.#events.off(event, this.#guard(listener));
  }

  /** How many listen to `event`. */
  listenerCount(event: keyof Events & string): number {
    return this.#events.listenerCount(event);
  }

  protected emit<Name extends keyof Events & string>(event: Name, payload: Events[Name]): void {
    this.#events.emit(event, payload);
  }

  #guard<Payload>(listener: Listener<Payload>): Listener<Payload> {
    let guarded = this.#guarded.get(listener) as Listener<Payload> | undefined;
    if (!guarded) {
      guarded = (payload) => callSafely(listener, payload);
      this.#guarded.set(listener, guarded);
    }
    return guarded;
  }
}
