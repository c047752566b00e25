const longest = 200;
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** How a line is marked. */
export type LogTone = 'plain' | 'good' | 'warning' | 'bad';

/** A log in a page: newest first, 200 lines at most, read out by screen readers as it grows. */
export class TextLog {
  readonly element: HTMLElement;

  constructor(label: string) {
    this.element = document.createElement('div');
    this.element.className = 'text-log';
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'log');
    this.element.setAttribute('aria-live', 'polite');
    this.element.setAttribute('aria-label', label);
  }

  add(words: string, at: number, tone: LogTone = 'plain'): void {
    const line = document.createElement('p');
    line.dataset['tone'] = tone;
    const time = document.createElement('time');
    time.dateTime = new Date(at).toISOString();
    time.textContent = clock.format(at);
    line.append(time, ' ', words);
    this.element.prepend(line);
    while (this.element.childElementCount > longest) this.element.lastElementChild?.remove();
  }
}
