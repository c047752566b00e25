import type { RoomAdapter } from './adapter.ts';
import { asRoomSessionError } from './attempt-errors.ts';
import { RoomSessionError } from './errors.ts';
import type { LocalDevice, LocalMedia } from './local-media.ts';
import type { Reconnect } from './reconnect.ts';

/** The adapter's methods by device. */
const setters = { microphone: 'setMicrophone', camera: 'setCamera' } as const;

/** What an adapter is asked to do while connected. */
export class AdapterCalls {
  readonly #adapter: RoomAdapter;
  readonly #media: LocalMedia;
  /** The connection of the current join, where there is one. */
  reconnect: Reconnect | undefined;

  constructor(adapter: RoomAdapter, media: LocalMedia) {
    this.#adapter = adapter;
    this.#media = media;
  }

  /** Remembers the wish, and asks the adapter where one is connected that can. */
  async turn(device: LocalDevice, on: boolean): Promise<void> {
    const adapter = this.#adapter;
    const setter = setters[device];
    if (!adapter[setter] && !adapter.localMedia) throw this.#cannot(setter);
    this.#media.turn(device, on);
    const attempt = this.#connected();
    if (attempt) await this.#ask(() => adapter[setter]?.(attempt.vendor, on));
  }

  async kick(participantId: string): Promise<void> {
    const adapter = this.#adapter;
    if (!adapter.kick) throw this.#cannot('kick');
    const { vendor, calls } = this.#connected() ?? {};
    if (!calls)
      throw new RoomSessionError('invalid_state', 'The session is not connected now. Wait for "connected".');
    await this.#ask(() => adapter.kick?.(vendor, participantId, calls));
  }

  #connected() {
    const attempt = this.reconnect?.attempt;
    return attempt?.phase === 'connected' ? attempt : undefined;
  }

  /** Calls the adapter; what it throws is ours. */
  async #ask(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw asRoomSessionError(error, this.#adapter);
    }
  }

  #cannot(method: string): RoomSessionError {
    return new RoomSessionError('invalid_state', `The adapter ${this.#adapter.name} has no ${method}.`);
  }
}
