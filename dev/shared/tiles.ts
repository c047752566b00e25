import { Tile } from './tile.ts';

/**
 * `<room-tiles>`: one picture per participant and one of oneself. What is inside the element in the page is shown
 * while there are no others.
 */
export class RoomTiles extends HTMLElement {
  readonly #tiles = new Map<string, Tile>();
  #self: Tile | undefined;

  /** Shows a participant, by name where there is one. Without effect when already there. */
  addParticipant(participantId: string, name = participantId): void {
    if (this.#tiles.has(participantId)) return;
    const tile = new Tile(name);
    this.#tiles.set(participantId, tile);
    this.append(tile.element);
    this.#count();
  }

  /** Shows and plays what a participant sends. Again after each change of the stream's tracks. */
  showStream(participantId: string, stream: MediaStream): void {
    this.addParticipant(participantId);
    this.#tiles.get(participantId)?.play(stream);
  }

  /** Takes a participant's picture away. */
  removeParticipant(participantId: string): void {
    this.#tiles.get(participantId)?.close();
    this.#tiles.delete(participantId);
    this.#count();
  }

  /** Shows the own camera and microphone, mirrored and silent; `undefined` takes them away. */
  showSelf(stream: MediaStream | undefined, name: string): void {
    if (!stream) {
      this.#self?.close();
      this.#self = undefined;
    } else {
      this.#self ??= new Tile(`${name} (you)`, { self: true });
      this.#self.play(stream);
      this.prepend(this.#self.element);
    }
    this.#count();
  }

  /** Says on the own picture what is turned off. */
  showOwnDevices(devices: { microphone: boolean; camera: boolean }): void {
    this.#self?.showDevices(devices);
  }

  #count(): void {
    this.dataset['others'] = String(this.#tiles.size);
  }
}

customElements.define('room-tiles', RoomTiles);

declare global {
  interface HTMLElementTagNameMap {
    'room-tiles': RoomTiles;
  }
}
