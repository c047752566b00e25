import type { RoomAdapter } from './adapter.ts';
import { asRoomSessionError } from './attempt-errors.ts';
import { RoomSessionError } from './errors.ts';
import type { LocalDevice, LocalMedia } from './local-media.ts';
import type { LocalParticipant } from './local-participant.ts';
import type { Metadata } from './participant.ts';
import type { Reconnect } from './reconnect.ts';
import { callSafely } from './report-error.ts';

/** The adapter's methods by device. */
const setters = { microphone: 'setMicrophone', camera: 'setCamera' } as const;

/** What an adapter is asked to do while connected. */
export class AdapterCalls {
  readonly #adapter: RoomAdapter;
  readonly #media: LocalMedia;
  readonly #me: LocalParticipant;
  /** The connection of the current join, where there is one. */
  reconnect: Reconnect | undefined;

  constructor(adapter: RoomAdapter, media: LocalMedia, me: LocalParticipant) {
    this.#adapter = adapter;
    this.#media = media;
    this.#me = me;
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

  setMetadata(metadata: Metadata): void {
    if (!this.#adapter.announce) throw this.#cannot('metadata');
    this.#me.metadata = metadata;
  }

  /** Tells the others what is new of ourselves. A connection that is made later says it by itself. */
  announce(): void {
    const { vendor, calls } = this.#connected() ?? {};
    if (calls) void callSafely(() => this.#adapter.announce?.(vendor, this.#me.info, calls));
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
