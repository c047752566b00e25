import type { Page } from 'playwright';

const length = 20;

/** Where 20 characters in a row of any of the tokens stand in a text, with what is around them cut off. */
export function leaksIn(text: string, tokens: readonly string[]): string[] {
  return findPieces(text, piecesOf(tokens));
}

/** All pieces of 20 characters of the tokens. */
export function piecesOf(tokens: readonly string[]): ReadonlySet<string> {
  const pieces = new Set<string>();
  for (const token of tokens) {
    for (let at = 0; at + length <= token.length; at++) pieces.add(token.slice(at, at + length));
  }
  return pieces;
}

/** Where a text has one of the pieces, with what is around it cut off. */
export function findPieces(text: string, pieces: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (let at = 0; at + length <= text.length; at++) {
    if (!pieces.has(text.slice(at, at + length))) continue;
    found.push(`at character ${at}, after "${text.slice(Math.max(0, at - 60), at)}"`);
    at += 1_000;
  }
  return found;
}

/** What test pages keep of their sessions. */
interface Told {
  readonly events?: unknown;
  readonly sessionLog?: unknown;
  readonly sessionReport?: () => Promise<unknown>;
}

/** All that a page shows or tells: its DOM, its address, what it has loaded, its sessions' events, log and report. */
export function everythingOf(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const seen = new WeakSet<object>();
    const spread = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (seen.has(value)) return undefined;
      seen.add(value);
      if (value instanceof Error) return [value.name, value.message, value.stack, spread(value.cause)];
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, spread(member)]));
    };
    const { events, sessionLog, sessionReport } = window as Told;
    // A browser keeps the address that the page was opened with there, whatever a script does to the address bar: Firefox
    // always, Chromium where that was done after the page had loaded.
    const isLink = ({ entryType }: PerformanceEntry) => entryType === 'navigation';
    const entries = JSON.stringify(performance.getEntries().filter((entry) => !isLink(entry)));
    return [
      ...[location.href, document.documentElement.outerHTML, entries],
      ...[
        JSON.stringify(spread(events)),
        JSON.stringify(sessionLog),
        JSON.stringify(await sessionReport?.()),
      ],
    ].join('\n');
  });
}
