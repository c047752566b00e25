import type { Source } from '../media/source.ts';
import { type Publisher, trackId } from './publisher.ts';

/** How many slots of each kind a player has at most. */
export interface SlotLimits {
  readonly video: number;
  readonly audio: number;
}

type Kind = Source['kind'];

/** A track of a player that shows one participant now and another one later, such as `videoTrack0`. */
export class Slot {
  readonly kind: Kind;
  /** Such as `videoTrack0`. */
  readonly label: string;
  /** `ARDAMSvvideoTrack0`. */
  readonly trackId: string;
  publisher: Publisher | undefined;
  /** Whether a client has pinned its participant. */
  reserved = false;

  constructor(kind: Kind, index: number) {
    this.kind = kind;
    this.label = `${kind}Track${index}`;
    this.trackId = trackId(this.label, kind);
  }

  /** What it sends now. */
  get source(): Source | undefined {
    return this.publisher?.sources.find(({ kind }) => kind === this.kind);
  }
}

/** The slots of one player, and who is in them. */
export class Slots {
  readonly #slots: Slot[] = [];
  readonly #limits: { video: number; audio: number };
  #others: readonly Publisher[] = [];
  #turn = 0;

  constructor(limits: SlotLimits) {
    this.#limits = { ...limits };
  }

  /** All of them. A slot that was offered once remains. */
  get all(): readonly Slot[] {
    return this.#slots;
  }

  of(kind: Kind): readonly Slot[] {
    return this.#slots.filter((slot) => slot.kind === kind);
  }

  /** Follows who publishes: those who left lose their slots, newcomers get the free ones. */
  follow(others: readonly Publisher[]): void {
    this.#others = others;
    for (const kind of ['video', 'audio'] as const) {
      const sending = others.filter(({ sources }) => sources.some((source) => source.kind === kind));
      for (let count = this.of(kind).length; count < Math.min(this.#limits[kind], sending.length); count += 1)
        this.#slots.push(new Slot(kind, count));
      for (const slot of this.of(kind)) {
        if (slot.publisher && sending.includes(slot.publisher)) continue;
        slot.publisher = undefined;
        slot.reserved = false;
      }
      for (const publisher of sending.filter((one) => !this.#has(kind, one)))
        this.#put(
          publisher,
          this.#usable(kind).find((slot) => !slot.publisher),
        );
    }
  }

  /** Gives slots of silent participants to those who speak. */
  followSpeakers(): void {
    for (const publisher of this.#others.filter(({ isSpeaking }) => isSpeaking)) {
      for (const kind of ['video', 'audio'] as const) {
        if (this.#has(kind, publisher) || !publisher.sources.some((source) => source.kind === kind)) continue;
        const [free] = this.#usable(kind)
          .filter((slot) => !slot.reserved && !slot.publisher?.isSpeaking)
          .sort((a, b) => (a.publisher?.spokeAt ?? 0) - (b.publisher?.spokeAt ?? 0));
        this.#put(publisher, free);
      }
    }
  }

  /** Moves each audio slot to the next participant, as with more speakers than slots. */
  turn(): void {
    this.#turn += 1;
    for (const [index, slot] of this.of('audio').entries())
      slot.publisher = this.#others[(this.#turn + index) % this.#others.length];
  }

  /** `updateVideoTrackAssignments`: shows these of the others. */
  page(offset: number, size: number): void {
    const page = this.#others.slice(offset, offset + size);
    for (const [index, slot] of this.of('video').entries()) slot.publisher = page[index];
  }

  /** `setMaxVideoTrackCount`. */
  setMaxVideo(count: number): void {
    this.#limits.video = count;
    for (const slot of this.of('video').slice(count)) slot.publisher = undefined;
    this.follow(this.#others);
  }

  /** `assignVideoTrack`: pins a participant to a slot, or makes it free to be given to another one. */
  pin(label: string, streamId: string, enabled: boolean): void {
    const slot = this.of('video').find((one) => one.label === label);
    const publisher = this.#others.find(({ info }) => info.streamId === streamId);
    if (!slot || !publisher) return;
    const before = this.of('video').find((one) => one.publisher === publisher);
    if (enabled && before) before.publisher = slot.publisher;
    if (enabled) slot.publisher = publisher;
    slot.reserved = enabled;
  }

  #usable(kind: Kind): readonly Slot[] {
    return this.of(kind).slice(0, this.#limits[kind]);
  }

  #has(kind: Kind, publisher: Publisher): boolean {
    return this.of(kind).some((slot) => slot.publisher === publisher);
  }

  #put(publisher: Publisher, slot: Slot | undefined): void {
    if (slot) slot.publisher = publisher;
  }
}
