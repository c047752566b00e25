import type { Settings } from '../server/settings.ts';
import { type Drop, faults } from './dev-server.ts';
import { activeFaults, type Choice, endpointChoices, lifetimeChoices, refusals } from './fault-words.ts';

/** Whose connections the panel's buttons cut off. */
export interface Person {
  readonly room: string;
  readonly identity: string;
}

const pollMs = 3000;

/**
 * `<fault-panel>`: makes the development server fail in the ways that servers fail, and says what is failing now.
 * Where there is no such server it is one line that says so. Its look is in `fault-panel.css`.
 */
export class FaultPanel extends HTMLElement {
  /** Who “my connection” is. */
  person: () => Person = () => ({ room: 'demo', identity: '' });
  /** A real media server's address: it has no faults to turn on, the token endpoint still has. */
  realMediaServer: string | undefined;
  readonly #status = element('p', { className: 'fault-status', role: 'status' });
  readonly #message = element('p', { className: 'fault-message', role: 'status' });
  readonly #choices: { button: HTMLButtonElement; choice: Choice }[] = [];
  readonly #acceptSockets = element('input', { type: 'checkbox' });
  readonly #oneTime = element('input', { type: 'checkbox' });
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Shows the panel when the server has one. */
  async start(): Promise<void> {
    try {
      const settings = await faults.read();
      this.#build();
      this.#show(settings);
      this.#timer = setInterval(() => {
        if (!document.hidden)
          faults.read().then(
            (now) => this.#show(now),
            () => {},
          );
      }, pollMs);
    } catch {
      const line = element(
        'p',
        { className: 'no-faults' },
        'Faults can be turned on where this page is served by ',
      );
      line.append(element('code', {}, 'npm run demo'), '; this is another server.');
      this.append(line);
    }
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  #build(): void {
    this.append(
      element('h2', {}, 'Make things fail'),
      this.#status,
      this.#group(
        'Token endpoint',
        endpointChoices.map((choice) => this.#choice(choice)),
      ),
      this.#group('Tokens live', [
        ...lifetimeChoices.map((choice) => this.#choice(choice)),
        this.#check(this.#oneTime, 'and work once only', () =>
          faults.patch({ oneTime: this.#oneTime.checked }),
        ),
      ]),
      ...(this.realMediaServer === undefined
        ? [this.#drops(), this.#mediaServer()]
        : [
            element(
              'p',
              {},
              `The media server is a real one (${new URL(this.realMediaServer).host}): it fails by itself only.`,
            ),
          ]),
      this.#button('Put everything right', () => faults.reset()),
      this.#message,
    );
  }

  #drops(): HTMLElement {
    const how = select('How', {
      terminate: 'without a word',
      close: 'with a close frame',
      server_will_stop: 'after “server will stop”',
      ice: 'media only, the socket stays',
    });
    const drop = async (who: Pick<Drop, 'room' | 'identity'>) => {
      const { dropped } = await faults.drop({ ...who, how: how.value as Drop['how'] });
      this.#say(dropped === 1 ? 'Cut off 1 connection.' : `Cut off ${dropped} connections.`);
      return undefined;
    };
    return this.#group('Cut connections', [
      this.#button('Mine', () => drop(this.person())),
      this.#button('Everybody’s in this room', () => drop({ room: this.person().room })),
      how,
    ]);
  }

  #mediaServer(): HTMLElement {
    const definition = select('What the next publish is refused with', refusals);
    return this.#group('Media server', [
      this.#check(this.#acceptSockets, 'accepts connections', () =>
        faults.patch({ media: { acceptSockets: this.#acceptSockets.checked } }),
      ),
      this.#button('Refuse the next publish', () =>
        faults.patch({ media: { refuse: { command: 'publish', definition: definition.value, times: 1 } } }),
      ),
      definition,
    ]);
  }

  #group(legend: string, children: Node[]): HTMLElement {
    const row = element('div', { className: 'fault-row' });
    row.append(...children);
    const group = element('fieldset', {});
    group.append(element('legend', {}, legend), row);
    return group;
  }

  #choice(choice: Choice): HTMLButtonElement {
    const button = this.#button(choice.words, () => faults.patch(choice.patch));
    this.#choices.push({ button, choice });
    return button;
  }

  #button(words: string, act: () => Promise<Settings | undefined>): HTMLButtonElement {
    const button = element('button', { type: 'button' }, words);
    button.addEventListener('click', () => this.#run(act));
    return button;
  }

  #check(input: HTMLInputElement, words: string, act: () => Promise<Settings>): HTMLLabelElement {
    const label = element('label', { className: 'check' });
    label.append(input, words);
    input.addEventListener('change', () => this.#run(act));
    return label;
  }

  async #run(act: () => Promise<Settings | undefined>): Promise<void> {
    this.#say('');
    try {
      this.#show((await act()) ?? (await faults.read()));
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    }
  }

  #show(settings: Settings): void {
    const active = activeFaults(settings);
    const words = active.length === 0 ? 'Everything works.' : `Now ${active.join('; ')}.`;
    if (this.#status.textContent !== words) this.#status.textContent = words;
    this.#status.dataset['faults'] = String(active.length);
    this.#acceptSockets.checked = settings.media.acceptSockets;
    this.#oneTime.checked = settings.oneTime;
    for (const { button, choice } of this.#choices)
      button.setAttribute('aria-pressed', String(choice.isOn(settings)));
  }

  #say(words: string): void {
    this.#message.textContent = words;
  }
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  text?: string,
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  if (text !== undefined) made.textContent = text;
  return made;
}

function select(label: string, options: Readonly<Record<string, string>>): HTMLSelectElement {
  const made = element('select', { ariaLabel: label });
  made.append(...Object.entries(options).map(([value, words]) => new Option(words, value)));
  return made;
}

customElements.define('fault-panel', FaultPanel);

declare global {
  interface HTMLElementTagNameMap {
    'fault-panel': FaultPanel;
  }
}
