import type { EndpointMode, Settings, SettingsPatch } from '../server/settings.ts';
import { durationWords } from './words.ts';

/** A button's words and what it sets. */
export interface Choice {
  readonly words: string;
  readonly patch: SettingsPatch;
  /** Whether the settings are so now. */
  isOn(settings: Settings): boolean;
}

const mode = (words: string, value: EndpointMode, more: Partial<Settings['endpoint']> = {}): Choice => ({
  words,
  patch: { endpoint: { mode: value, ...more } },
  isOn: ({ endpoint }) => endpoint.mode === value,
});

/** What the token endpoint can be told to do. */
export const endpointChoices: readonly Choice[] = [
  mode('Working', 'ok'),
  mode('Down', 'down'),
  mode('Slow (3 s)', 'slow', { delayMs: 3000 }),
  mode('Hanging', 'hang'),
  mode('Error 500', 'server-error'),
  mode('Rate-limited', 'rate-limited', { retryAfterS: 5 }),
  mode('Refusing', 'refuse', { status: 403 }),
  mode('Login page', 'html'),
];

const life = (tokenLifetimeS: number): Choice => ({
  words: durationWords(tokenLifetimeS * 1000),
  patch: { tokenLifetimeS },
  isOn: (settings) => settings.tokenLifetimeS === tokenLifetimeS,
});

/** How long tokens can be made to live. */
export const lifetimeChoices: readonly Choice[] = [life(12), life(60), life(300)];

const modeWords: Readonly<Record<EndpointMode, string>> = {
  ok: '',
  down: 'the token endpoint is down',
  slow: 'the token endpoint is slow',
  hang: 'the token endpoint never answers',
  refuse: 'the token endpoint refuses',
  'rate-limited': 'the token endpoint limits the rate',
  'server-error': 'the token endpoint answers 500',
  html: 'the token endpoint answers a login page',
  empty: 'the token endpoint answers nothing',
  undefined: 'the token endpoint answers “undefined”',
  'no-token': 'the token endpoint answers without a token',
  expired: 'the token endpoint hands out expired tokens',
  echo: 'the token endpoint answers 500 with a token in it',
};

/** What is out of order at the token endpoint now, in a phrase; nothing where all is well. */
export function endpointFaults({ endpoint }: Settings): string[] {
  const times = endpoint.times === null ? '' : ` (${endpoint.times} more times)`;
  return endpoint.mode === 'ok' ? [] : [`${modeWords[endpoint.mode]}${times}`];
}
