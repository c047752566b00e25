import type { RoomAdapter } from './adapter.ts';
import type { Attempt } from './attempt.ts';
import { asRoomSessionError } from './attempt-errors.ts';
import { RoomSessionError } from './errors.ts';
import type { LocalDevice, LocalMedia } from './local-media.ts';

/** The adapter's methods by device. */
const setters = { microphone: 'setMicrophone', camera: 'setCamera' } as const;

/** What an adapter is asked to do while connected. */
export class AdapterCalls<Vendor> {
  readonly #adapter: RoomAdapter<Vendor>;
  readonly #media: LocalMedia;
  readonly #attempt: () => Attempt<Vendor> | undefined;

  /** @param attempt - the attempt that is under way, where there is one */
  constructor(adapter: RoomAdapter<Vendor>, media: LocalMedia, attempt: () => Attempt<Vendor> | undefined) {
    this.#adapter = adapter;
    this.#media = media;
    this.#attempt = attempt;
  }

  /** Remembers the wish, and asks the adapter where one is connected that can. */
  async turn(device: LocalDevice, on: boolean): Promise<void> {
    const adapter = this.#adapter;
    const setter = setters[device];
    if (!adapter[setter] && !adapter.localMedia) throw this.#cannot(setter);
    this.#media.turn(device, on);
    const attempt = this.#attempt();
    if (attempt?.isConnected) await this.#ask(() => adapter[setter]?.(attempt.vendor as Vendor, on));
  }

  async kick(participantId: string): Promise<void> {
    const adapter = this.#adapter;
    if (!adapter.kick) throw this.#cannot('kick');
    const attempt = this.#attempt();
    if (!attempt?.isConnected) {
      throw new RoomSessionError('invalid_state', 'The session is not connected now. Wait for "connected".');
    }
    await this.#ask(() => adapter.kick?.(attempt.vendor as Vendor, participantId, attempt));
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
