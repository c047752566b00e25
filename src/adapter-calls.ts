import type { ConnectAttempt, RoomAdapter } from './adapter.ts';
import { asRoomSessionError } from './attempt-errors.ts';
import { type Capability, can } from './capabilities.ts';
import { RoomSessionError } from './errors.ts';
import type { LocalMedia } from './local-media.ts';
import type { LocalParticipant } from './local-participant.ts';
import { checkMessage } from './message-checks.ts';
import type { RoomSessionOptions } from './options.ts';
import type { DeviceKind, LocalDevice } from './own-devices.ts';
import type { Metadata } from './participant.ts';
import type { Reconnect } from './reconnect.ts';
import { callSafely } from './report-error.ts';
import { startScreen, stopScreen } from './screen.ts';

/** The adapter's methods by device. */
const setters = { microphone: 'setMicrophone', camera: 'setCamera' } as const;

/** What an adapter is asked to do while connected. */
export class AdapterCalls {
  readonly #adapter: RoomAdapter;
  readonly #media: LocalMedia;
  readonly #me: LocalParticipant;
  readonly #messageWaitMs: number;
  /** The connection of the current join, where there is one. */
  reconnect: Reconnect | undefined;

  constructor(
    { adapter, messageWaitMs = 10_000 }: RoomSessionOptions,
    media: LocalMedia,
    me: LocalParticipant,
  ) {
    this.#adapter = adapter;
    this.#messageWaitMs = messageWaitMs;
    this.#media = media;
    this.#me = me;
  }

  can(capability: Capability): boolean {
    return can(this.#adapter, capability);
  }

  /** @throws `invalid_state` with backend and capability where the adapter cannot */
  demand(capability: Capability): void {
    if (this.can(capability)) return;
    throw new RoomSessionError('invalid_state', `The backend (${this.#adapter.name}) has no ${capability}.`, {
      capability,
    });
  }

  /** Remembers the wish, and asks the adapter where one is connected that can. */
  async turn(device: LocalDevice, on: boolean): Promise<void> {
    this.demand(device);
    const turned = this.#media.turn(device, on);
    await this.#whileConnected(({ [setters[device]]: set }, vendor) => set?.(vendor, on));
    await turned;
  }

  async setDevice(kind: DeviceKind, deviceId: string): Promise<void> {
    this.demand(kind === 'speaker' ? kind : 'devices');
    if (kind !== 'speaker' && this.#adapter.localMedia) return this.#media.setDevice(kind, deviceId);
    await this.#whileConnected((adapter, vendor, calls) =>
      adapter.setDevice?.(vendor, kind, deviceId, calls),
    );
  }

  async shareScreen(on: boolean): Promise<void> {
    this.demand('screen');
    if (this.#adapter.shareScreen)
      await this.#whileConnected((adapter, vendor) => adapter.shareScreen?.(vendor, on));
    else await (on ? startScreen(this.#media) : stopScreen(this.#media));
  }

  setMetadata(metadata: Metadata): void {
    this.demand('metadata');
    this.#me.metadata = metadata;
  }

  /** Tells the others what is new of ourselves. A connection that is made later says it by itself. */
  announce(): void {
    void callSafely(() =>
      this.#whileConnected((adapter, vendor, calls) => adapter.announce?.(vendor, this.#me.info, calls)),
    );
  }

  /** Sends when connected. During a reconnect it waits. */
  async send(data: unknown, to: string | undefined): Promise<void> {
    this.demand('messages');
    checkMessage(data, this.#adapter.messageLimit);
    await this.#untilConnected(this.#messageWaitMs);
    const isSent = await this.#whileConnected(async (adapter, vendor, calls) => {
      await adapter.send?.(vendor, { data, to }, calls);
      return true;
    });
    if (!isSent) throw notConnected();
  }

  async kick(participantId: string): Promise<void> {
    this.demand('kick');
    if (!this.#connected()) throw notConnected();
    await this.#whileConnected((adapter, vendor, calls) => adapter.kick?.(vendor, participantId, calls));
  }

  #connected() {
    const attempt = this.reconnect?.attempt;
    return attempt?.phase === 'connected' && attempt.calls ? attempt : undefined;
  }

  /** Resolves when connected, after `limitMs` at the latest, and at the end of the join. */
  async #untilConnected(limitMs: number): Promise<void> {
    const { reconnect } = this;
    if (!reconnect || this.#connected()) return;
    await reconnect.untilConnected(limitMs);
  }

  /** Calls the adapter where connected; what it throws is ours. */
  async #whileConnected<Result>(
    work: (adapter: RoomAdapter, vendor: unknown, calls: ConnectAttempt) => Result | Promise<Result>,
  ): Promise<Result | undefined> {
    const { vendor, calls } = this.#connected() ?? {};
    if (!calls) return undefined;
    try {
      return await work(this.#adapter, vendor, calls);
    } catch (error) {
      throw asRoomSessionError(error, this.#adapter);
    }
  }
}

function notConnected(): RoomSessionError {
  return new RoomSessionError('invalid_state', 'The session is not connected now. Wait for "connected".');
}
