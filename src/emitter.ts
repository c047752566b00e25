import { EventEmitter } from 'eventemitter3';
import { callSafely } from './report-error.ts';

/** What is called at an event. */
export type Listener<Payload> = (payload: Payload) => void;

/**
 * Typed events, one payload each. All listeners hear all events in the order in which they happened: what happens while
 * listeners are called is told after that. A listener that was removed is not called again. What a listener throws is
 * reported as an uncaught error; the other listeners and the emitter do not feel it.
 */
export class Emitter<Events extends object> {
  readonly #events = new EventEmitter();
  readonly #queue: (() => void)[] = [];
  /** Listeners are called, or something happens that must be over before they are. */
  #isBusy = false;

  /** Calls `listener` at each `event`; returns what removes it. */
  on<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): () => void {
    this.#events.on(event, listener);
    return () => this.off(event, listener);
  }

  /** Calls `listener` at the next `event` only; returns what removes it before that. */
  once<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): () => void {
    const remove = this.on(event, onlyOnce);
    function onlyOnce(payload: Events[Name]): void {
      remove();
      listener(payload);
    }
    onlyOnce.listener = listener;
    return remove;
  }

  /** Removes a `listener` of `on` or `once`. */
  off<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): void {
    for (const each of this.#events.listeners(event)) {
      const { listener: onceListener } = each as { readonly listener?: unknown };
      if (each === listener || onceListener === listener) this.#events.off(event, each);
    }
  }

  /** How many listen to `event`. */
  listenerCount(event: keyof Events & string): number {
    return this.#events.listenerCount(event);
  }

  /**
   * Tells the listeners, after the events that happened before this one.
   *
   * @param before called right before the listeners
   */
  protected emit<Name extends keyof Events & string>(
    event: Name,
    payload: Events[Name],
    before?: () => void,
  ): void {
    this.atOnce(() =>
      this.#queue.push(() => {
        before?.();
        for (const listener of this.#events.listeners(event)) {
          // One before it may have removed it.
          if (this.#events.listeners(event).includes(listener)) callSafely(listener, payload);
        }
      }),
    );
  }

  /** Listeners hear of what happens in `work` after it, so that what they do does not come in between. */
  protected atOnce(work: () => void): void {
    if (this.#isBusy) return void work();
    this.#isBusy = true;
    try {
      work();
    } finally {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) next();
      this.#isBusy = false;
    }
  }
}
