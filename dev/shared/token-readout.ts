import type { ConnectionState } from 'room-session';
import type { TimelineModel } from './timeline-model.ts';
import { durationWords } from './words.ts';

/** The seconds that the token held is still good for, large enough to be read across a desk. */
export class TokenReadout {
  readonly element = document.createElement('div');
  readonly #number = document.createElement('strong');
  readonly #unit = document.createElement('span');
  readonly #note = document.createElement('span');

  constructor() {
    this.element.className = 'readout';
    this.#number.className = 'readout-number';
    this.#unit.className = 'readout-unit';
    this.#note.className = 'readout-note';
    this.#number.setAttribute('role', 'timer');
    this.element.append(this.#number, this.#unit, this.#note);
    this.#write('–', '', '');
  }

  show(model: TimelineModel, now: number): void {
    const [tone, ...texts] = read(model, now);
    this.element.dataset['tone'] = tone;
    this.#write(...texts);
  }

  #write(number: string, unit: string, note: string): void {
    const texts: [HTMLElement, string][] = [
      [this.#number, number],
      [this.#unit, unit],
      [this.#note, note],
    ];
    for (const [element, text] of texts) if (element.textContent !== text) element.textContent = text;
  }
}

/** What it means to have no token, by the session's state. */
const withoutToken: Partial<Record<ConnectionState, string>> = {
  disconnected: 'One is fetched when you join',
  waiting: 'Asking to be let in as a guest',
  connected: 'In the room as a guest',
};

type Tone = 'none' | 'good' | 'warning' | 'bad';

/** What is to be read: its tone, the large number, what it counts, and a note. */
function read(model: TimelineModel, now: number): [Tone, string, string, string] {
  const token = model.current;
  if (!token) {
    return ['none', '–', 'no token', withoutToken[model.state] ?? 'Waiting for one'];
  }
  if (model.oneTime) {
    const count = model.refreshes + 1;
    return [
      'good',
      String(count),
      count === 1 ? 'token, used once' : 'tokens, each used once',
      'next: when needed',
    ];
  }
  const leftMs = model.endOf(token) - now;
  const lifeMs = model.lifeOf(token);
  const { refreshes } = model;
  const note =
    refreshes === 0 ? 'not refreshed yet' : `refreshed ${refreshes === 1 ? 'once' : `${refreshes} times`}`;
  if (leftMs === Number.POSITIVE_INFINITY) return ['good', '∞', 'no end known', note];
  if (leftMs > 0) {
    return [
      leftMs < lifeMs * 0.2 ? 'warning' : 'good',
      countdown(leftMs),
      `left of ${durationWords(lifeMs)}`,
      note,
    ];
  }
  const ago = durationWords(Math.floor(-leftMs / 1000) * 1000);
  return ['bad', '0 s', 'token expired', `${ago} ago, ${note}`];
}

/** `8 s`, `4:32`, `1:04:32`. */
function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const head = hours > 0 ? `${hours}:${two(minutes)}` : `${minutes}`;
  return `${head}:${two(seconds % 60)}`;
}
