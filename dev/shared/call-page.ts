import type { RoomSession } from 'room-session';
import { errorWords } from './advice.ts';
import './call-form.ts';
import { inventName, invitation, type PageOptions, withListenOnly } from './page-options.ts';
import { stateWords } from './words.ts';

/** What a page's controls work on. */
export interface CallPageParts {
  readonly session: RoomSession;
  readonly options: PageOptions;
  /** Called when a microphone or camera button was used, and at each join. */
  readonly onDevices?: (devices: { microphone: boolean; camera: boolean }) => void;
}

declare global {
  interface Window {
    /** For tests and for playing with it in the console. */
    session?: RoomSession;
  }
}

/**
 * Wires a demo page's `<call-form>`, found by the ids in it, to a session: join, leave, microphone, camera, the state in
 * words, errors with what to do, and the address for a second tab.
 */
export class CallPage {
  readonly #session: RoomSession;
  readonly #options: PageOptions;
  readonly #onDevices: NonNullable<CallPageParts['onDevices']>;
  readonly #form = byId('join-form', HTMLFormElement);
  readonly #room = byId('room', HTMLInputElement);
  readonly #name = byId('identity', HTMLInputElement);
  readonly #leave = byId('leave', HTMLButtonElement);
  readonly #microphone = byId('microphone', HTMLButtonElement);
  readonly #camera = byId('camera', HTMLButtonElement);
  readonly #state = byId('state', HTMLElement);
  readonly #error = byId('error', HTMLElement);
  readonly #invented = inventName();
  readonly #devices = { microphone: true, camera: true };

  constructor({ session, options, onDevices = () => {} }: CallPageParts) {
    this.#session = session;
    this.#options = options;
    this.#onDevices = onDevices;
    this.#room.value = options.room;
    this.#name.value = options.identity;
    this.#name.placeholder = this.#invented;
    this.#room.addEventListener('input', () => this.#invite());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.join();
    });
    this.#leave.addEventListener('click', () => void session.leave());
    this.#microphone.addEventListener('click', () => this.#toggle('microphone'));
    this.#camera.addEventListener('click', () => this.#toggle('camera'));
    session.on('stateChanged', (change) => {
      if (change.error && change.previous !== 'connecting') this.#tell(change.error);
      this.#show(stateWords(change));
    });
    window.session = session;
    this.#invite();
    this.#show(stateWords(session));
    if (options.autojoin) void this.join();
  }

  /** The room in the form. */
  get room(): string {
    return this.#room.value.trim();
  }

  /** The name in the form, or the one made up. */
  get identity(): string {
    return this.#name.value.trim() || this.#invented;
  }

  /** Joins the room of the form; a failure is told on the page. */
  async join(): Promise<void> {
    this.#error.hidden = true;
    const { room, identity } = this;
    const address = new URL(location.href);
    address.searchParams.set('room', room);
    history.replaceState(null, '', address);
    try {
      await this.#session.join(room, { identity });
    } catch (error) {
      if (!isAbort(error)) this.#tell(error);
    }
  }

  async #toggle(device: 'microphone' | 'camera'): Promise<void> {
    const on = !this.#devices[device];
    try {
      await (device === 'microphone' ? this.#session.setMicrophone(on) : this.#session.setCamera(on));
      this.#devices[device] = on;
      this.#showDevices();
    } catch (error) {
      this.#tell(error);
    }
  }

  #show(words: string): void {
    const { state } = this.#session;
    const isOut = state === 'disconnected';
    const { listenOnly, video } = this.#options;
    document.documentElement.dataset['state'] = state;
    this.#state.textContent = words;
    this.#form.hidden = !isOut;
    byId('call-controls', HTMLElement).hidden = isOut;
    byId('call-room', HTMLElement).textContent = this.room;
    this.#microphone.hidden = listenOnly;
    this.#camera.hidden = listenOnly || !video;
    this.#leave.textContent = state === 'connecting' || state === 'waiting' ? 'Cancel' : 'Leave';
    this.#keepFocus();
    this.#showDevices();
  }

  /** The focus of a button that went away goes to the one that took its place. */
  #keepFocus(): void {
    const { activeElement } = document;
    if (!(activeElement instanceof HTMLElement) || !activeElement.closest('[hidden]')) return;
    if (this.#form.hidden) this.#leave.focus();
    else byId('join', HTMLButtonElement).focus();
  }

  #showDevices(): void {
    const { microphone, camera } = this.#devices;
    this.#microphone.textContent = microphone ? 'Mute' : 'Unmute';
    this.#camera.textContent = camera ? 'Stop camera' : 'Start camera';
    this.#onDevices({ ...this.#devices });
  }

  #invite(): void {
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a.second-tab')) {
      link.href = invitation(this.room || 'demo');
    }
    byId('listen-only', HTMLAnchorElement).href = withListenOnly(this.room || 'demo');
  }

  #tell(error: unknown): void {
    const { message, advice, code, listenOnlyHelps } = errorWords(error);
    byId('error-message', HTMLElement).textContent = `${message} ${advice}`.trim();
    byId('error-code', HTMLElement).textContent = code;
    byId('error-listen', HTMLElement).hidden = !listenOnlyHelps;
    this.#error.hidden = false;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} with the id ${id}.`);
}
