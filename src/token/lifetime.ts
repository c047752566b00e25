/** How long a token lives, in the forms in which backends say it. */

/** A life that starts when the answer is made, or the moments at which it may end (ms since the epoch). */
export type Lifetime = { readonly inMs: number } | { readonly at: readonly number[] };

/** Numbers from here on are moments: in seconds, this is the year 2001; and a thousand times this in ms, µs and ns. */
const firstMoment = 1e9;
const dayS = 86_400;

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  mi: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_557_600_000,
};
/** A number and its unit, such as `1h`, `30 min`, `500 ms`; months (`mo`) are too long for any token. */
const part = /([\d.]+)\s*(ms|mi(?=l)|m(?!o)|[shdwy])[a-z]*[\s,]*/g;
const zone = /(z|utc|gmt|[+-]\d\d:?\d\d)$/i;
/** A zone as PostgreSQL writes it: hours alone, after a time. */
const zoneInHours = /(:\d\d(?:\.\d+)?) ?([+-]\d\d)$/;

/**
 * Reads how long a token lives, or when it ends. Understands seconds, ms, numbers in text, words (`1h`, `5 minutes`),
 * ISO 8601 durations (`PT15M`), hours with colons (`00:05:00`), dates as text or as `Date`, and seconds, ms,
 * µs or ns since the epoch. The size of a number tells durations from moments. 0 and -1 mean that the token never ends.
 *
 * @returns `undefined` for everything else
 */
export function readLifetime(value: unknown): Lifetime | undefined {
  if (value instanceof Date) return readNumber(value.getTime());
  if (typeof value === 'number') return readNumber(value);
  if (typeof value !== 'string' || value.length > 60) return undefined;
  const text = value.trim();
  // Number('') is 0, which would mean "never".
  if (!text) return undefined;
  return readNumber(Number(text)) ?? readWords(text) ?? readDate(text);
}

function readNumber(value: number): Lifetime | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (value === 0 || value === -1) return { at: [Infinity] };
  if (value >= firstMoment) return { at: [inMs(value)] };
  return { inMs: isInMs(value) ? value : value * 1_000 };
}

/** Of a moment in seconds, ms, µs or ns. */
function inMs(moment: number): number {
  if (moment < firstMoment * 1_000) return moment * 1_000;
  return moment < firstMoment * 1e6 ? moment : inMs(moment / 1_000);
}

/** Seconds of long lives are whole days or hours; a whole number of thousands that is neither was meant in ms. */
function isInMs(value: number): boolean {
  if (value > 400 * dayS) return true;
  const usualS = value > 2 * dayS ? dayS : 3_600;
  return value >= 60_000 && value % 1_000 === 0 && value % usualS !== 0;
}

function readWords(text: string): Lifetime | undefined {
  const clock = /^(?:(\d+)\.)?(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text);
  const words = clock
    ? `${clock[1] ?? 0}d${clock[2]}h${clock[3]}m${clock[4]}s`
    : // `P7D`, `PT15M`: `M` means minutes after the `T` only.
      text.toLowerCase().replace(/^p((?:[\d.]+[dw])*)(?:t|$)/, '$1');
  let inMs = 0;
  const rest = words.replace(part, (_, count: string, unit: string) => {
    inMs += Number(count) * unitsMs[unit]!;
    return '';
  });
  return !rest && Number.isFinite(inMs) ? { inMs } : undefined;
}

function readDate(given: string): Lifetime | undefined {
  const text = given.replace(zoneInHours, '$1$2:00');
  // Date.parse takes nearly any text with a number in it.
  if (!/\b\d{4}\b/.test(text)) return undefined;
  if (zone.test(text)) return readMoments(text);
  // Without a zone it is in the backend's time, which may be UTC or the local one.
  const iso = text.replace(' ', 'T');
  return readMoments(`${iso}Z`, iso) ?? readMoments(`${text} UTC`, text);
}

function readMoments(...texts: readonly string[]): Lifetime | undefined {
  const at = texts.map((text) => Date.parse(text));
  return at.every(Number.isFinite) ? { at } : undefined;
}
