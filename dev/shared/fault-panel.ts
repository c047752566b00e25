import type { Settings } from '../server/settings.ts';
import { faults } from './dev-server.ts';
import { type Choice, endpointChoices, endpointFaults, lifetimeChoices } from './fault-words.ts';
import type { FaultGroup, FaultSwitch, Person, VendorFaults } from './vendor-faults.ts';

const pollMs = 3000;

/**
 * `<fault-panel>`: makes the development server fail in the ways that servers fail, and says what is failing now.
 * Where there is no such server it is one line that says so. Its look is in `fault-panel.css`.
 */
export class FaultPanel extends HTMLElement {
  /** Who “my connection” is. */
  person: () => Person = () => ({ room: 'demo', identity: '' });
  /** What the vendor's part of the server can be made to do. */
  vendor: VendorFaults = { groups: [], active: () => [] };
  /** The host of a real server: it has no faults to turn on, the token endpoint still has. */
  realServer: string | undefined;
  readonly #status = element('p', { className: 'fault-status', role: 'status' });
  readonly #message = element('p', { className: 'fault-message', role: 'status' });
  readonly #choices: { button: HTMLButtonElement; choice: Choice }[] = [];
  readonly #switches: { input: HTMLInputElement; isOn: FaultSwitch['isOn'] }[] = [];
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
      this.#group(
        'Tokens live',
        lifetimeChoices.map((choice) => this.#choice(choice)),
      ),
      ...(this.realServer === undefined
        ? this.vendor.groups.map((group) => this.#vendorGroup(group))
        : [element('p', {}, `The server is a real one (${this.realServer}): it fails by itself only.`)]),
      this.#button('Put everything right', () => faults.reset()),
      this.#message,
    );
  }

  #vendorGroup({ legend, switches = [], buttons = [], list }: FaultGroup): HTMLElement {
    const select = list && makeSelect(list.label, list.options);
    return this.#group(legend, [
      ...switches.map((each) => this.#switch(each)),
      ...buttons.map(({ words, press }) =>
        this.#button(words, async () => {
          this.#say(await press(this.person(), select?.value ?? ''));
          return undefined;
        }),
      ),
      ...(select ? [select] : []),
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

  #switch({ words, isOn, patch }: FaultSwitch): HTMLLabelElement {
    const input = element('input', { type: 'checkbox' });
    const label = element('label', { className: 'check' });
    label.append(input, words);
    input.addEventListener('change', () => this.#run(() => faults.patch(patch(input.checked))));
    this.#switches.push({ input, isOn });
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
    const active = [...endpointFaults(settings), ...this.vendor.active(settings)];
    const words = active.length === 0 ? 'Everything works.' : `Now ${active.join('; ')}.`;
    if (this.#status.textContent !== words) this.#status.textContent = words;
    this.#status.dataset['faults'] = String(active.length);
    for (const { input, isOn } of this.#switches) input.checked = isOn(settings);
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

function makeSelect(label: string, options: Readonly<Record<string, string>>): HTMLSelectElement {
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
