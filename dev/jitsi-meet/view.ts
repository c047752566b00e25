import type { BreakoutRoom, Occupant, Person, Presence } from '../server/jitsi/messages.ts';
import { Tile } from '../shared/tile.ts';

/** What a person can do on the page. */
export interface ViewActions {
  toggleAudio(): void;
  toggleVideo(): void;
  toggleTileView(): void;
  hangUp(): void;
  move(room: string | null): void;
  answerKnock(id: string, admitted: boolean): void;
}

/** A card over the meeting, with its buttons. */
export interface Card {
  readonly title: string;
  readonly text: string;
  readonly actions?: readonly {
    readonly label: string;
    readonly run: () => void;
    readonly primary?: boolean;
  }[];
}

const shownForMs = 6000;

/** The meeting page as it is seen: tiles, toolbar, cards and notices. */
export class View {
  readonly #actions: ViewActions;
  readonly #tiles = new Map<string, Tile>();
  readonly #grid = make('div', { className: 'tiles' });
  readonly #rooms = make('div', { className: 'rooms' });
  readonly #notices = make('div', { className: 'notices' });
  readonly #main = make('main');
  readonly #toolbar = make('footer');
  readonly #audio: HTMLButtonElement;
  readonly #video: HTMLButtonElement;
  readonly #tileView: HTMLButtonElement;
  #card: HTMLElement | undefined;
  #self: Tile | undefined;
  #selfName = '';

  constructor(room: string, actions: ViewActions) {
    this.#actions = actions;
    const header = make('header');
    const says = 'Stand-in for Jitsi Meet: for development, not the product';
    header.append(
      make('h1', { textContent: room }),
      make('p', { className: 'stand-in', textContent: says }),
      this.#rooms,
    );
    this.#audio = button('Mute', () => actions.toggleAudio());
    this.#video = button('Stop camera', () => actions.toggleVideo());
    this.#tileView = button('Tiles', () => actions.toggleTileView());
    const hangUp = button('Hang up', () => actions.hangUp());
    hangUp.className = 'hang-up';
    this.#toolbar.append(this.#audio, this.#video, this.#tileView, hangUp);
    this.#notices.setAttribute('role', 'status');
    this.#main.append(this.#grid, this.#notices);
    document.body.append(header, this.#main, this.#toolbar);
    document.title = `${room} – a stand-in for Jitsi Meet`;
    this.showTileView(true);
  }

  /** Oneself; again when anything of it changes. */
  showSelf(stream: MediaStream | undefined, presence: Presence): void {
    const name = `${presence.name || 'Me'} (me)`;
    if (name !== this.#selfName) {
      this.#self?.close();
      this.#self = new Tile(name, { self: true });
      this.#grid.prepend(this.#self.element);
      this.#selfName = name;
    }
    if (stream) this.#self?.play(stream);
    this.#self?.showDevices(devicesOf(presence));
    this.#audio.textContent = presence.audioMuted ? 'Unmute' : 'Mute';
    this.#video.textContent = presence.videoMuted ? 'Start camera' : 'Stop camera';
    this.#audio.setAttribute('aria-pressed', String(presence.audioMuted));
    this.#video.setAttribute('aria-pressed', String(presence.videoMuted));
  }

  showOccupant(occupant: Occupant): void {
    let tile = this.#tiles.get(occupant.id);
    if (!tile) {
      tile = new Tile(occupant.name || 'Fellow');
      this.#tiles.set(occupant.id, tile);
      this.#grid.append(tile.element);
    }
    tile.showDevices(devicesOf(occupant));
  }

  showStream(id: string, stream: MediaStream): void {
    this.#tiles.get(id)?.play(stream);
  }

  removeOccupant(id: string): void {
    this.#tiles.get(id)?.close();
    this.#tiles.delete(id);
  }

  removeOccupants(): void {
    for (const id of [...this.#tiles.keys()]) this.removeOccupant(id);
  }

  showTileView(enabled: boolean): void {
    this.#grid.dataset['tileView'] = String(enabled);
    this.#tileView.setAttribute('aria-pressed', String(enabled));
  }

  /** The rooms to move to, where there are breakout rooms. */
  showRooms(rooms: readonly BreakoutRoom[], current: string): void {
    const others = rooms.length > 1 ? rooms.filter(({ id }) => id !== current) : [];
    this.#rooms.replaceChildren(
      ...others.map(({ id, name, isMainRoom }) =>
        button(`Go to: ${name}`, () => this.#actions.move(isMainRoom ? null : id)),
      ),
    );
  }

  showKnock({ id, name }: Person): void {
    const notice = make('div', { textContent: `${name || 'Somebody'} asks to join.` });
    const answer = (label: string, admitted: boolean): HTMLButtonElement =>
      button(label, () => {
        notice.remove();
        this.#actions.answerKnock(id, admitted);
      });
    notice.append(answer('Admit', true), answer('Reject', false));
    this.#notices.append(notice);
  }

  showNotice(text: string): void {
    const notice = make('div', { textContent: text });
    this.#notices.append(notice);
    setTimeout(() => notice.remove(), shownForMs);
  }

  /** A card over everything, or none. Gives the element of its text. */
  showCard(card: Card | undefined): HTMLElement | undefined {
    this.#card?.remove();
    this.#card = undefined;
    if (!card) return undefined;
    const text = make('p', { textContent: card.text });
    const actions = make('div', { className: 'actions' });
    for (const { label, run, primary = false } of card.actions ?? []) {
      const one = button(label, run);
      if (primary) one.className = 'primary';
      actions.append(one);
    }
    const box = make('div');
    box.append(make('h2', { textContent: card.title }), text, actions);
    this.#card = make('section', { className: 'card' });
    this.#card.append(box);
    this.#main.append(this.#card);
    return text;
  }

  /** What comes before the meeting. */
  showPrejoin(name: string, join: (name: string) => void): void {
    this.#showForm('Join the meeting', 'Look at your picture, then join.', 'Your name', name, join);
  }

  showPassword(join: (password: string) => void): void {
    this.#showForm('Password required', 'This room has a password.', 'Password', '', join);
  }

  #showForm(title: string, words: string, label: string, value: string, join: (value: string) => void): void {
    const input = make('input', { value, placeholder: label });
    const run = () => join(input.value.trim());
    const text = this.showCard({ title, text: words, actions: [{ label: 'Join', run, primary: true }] });
    text?.after(input);
    input.setAttribute('aria-label', label);
  }

  /** Nothing but a word of farewell. */
  showEnd(): void {
    this.removeOccupants();
    this.#self?.close();
    this.#toolbar.hidden = true;
    this.#rooms.replaceChildren();
    this.#notices.replaceChildren();
    this.showCard({ title: 'You have left the meeting', text: 'This page has nothing more to do.' });
  }
}

function devicesOf({ audioMuted, videoMuted }: Presence): { microphone: boolean; camera: boolean } {
  return { microphone: !audioMuted, camera: !videoMuted };
}

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), properties);
}

function button(label: string, run: () => void): HTMLButtonElement {
  const element = make('button', { type: 'button', textContent: label });
  element.addEventListener('click', run);
  return element;
}
