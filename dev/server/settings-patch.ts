import { endpointModes, jitsiTokenFaults, type Settings } from './settings.ts';

/** Thrown when a settings patch names an unknown field or a value that field cannot have. */
export class SettingsError extends Error {
  /** The field, with its path: `endpoint.mode`. */
  readonly field: string;

  constructor(field: string, expected: string) {
    super(`${field} ${expected}`);
    this.name = 'SettingsError';
    this.field = field;
  }
}

interface Field {
  readonly accepts: (value: unknown) => boolean;
  readonly expected: string;
}
type Fields = { readonly [name: string]: Field | Fields };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown, min: number, max = Number.POSITIVE_INFINITY): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max;
const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';

const flag: Field = { accepts: (value) => typeof value === 'boolean', expected: 'must be true or false' };
const duration: Field = { accepts: (value) => isNumber(value, 0), expected: 'must be a number, 0 or more' };
const nameOrNull: Field = {
  accepts: (value) => value === null || isName(value),
  expected: 'must be a string that is not empty, or null',
};
const timesOrNull: Field = {
  accepts: (value) => value === null || (Number.isInteger(value) && isNumber(value, 1)),
  expected: 'must be a whole number, 1 or more, or null',
};
const oneOf = (...values: readonly unknown[]): Field => ({
  accepts: (value) => values.includes(value),
  expected: `must be one of ${values.join(', ')}`,
});

/** A refusal: which commands or joins it answers, what it says, and how often. */
const refusal = (whatKey: string, whats: readonly string[], textKey: string): Field => ({
  accepts: (value) =>
    value === null ||
    (isObject(value) &&
      Object.keys(value).every((key) => [whatKey, textKey, 'times'].includes(key)) &&
      whats.includes(String(value[whatKey])) &&
      isName(value[textKey]) &&
      timesOrNull.accepts(value['times'] ?? null)),
  expected: `must be null or {${whatKey}: ${whats.join(' | ')}, ${textKey}: string, times?: number | null}`,
});
const count: Field = {
  accepts: (value) => Number.isInteger(value) && isNumber(value, 0),
  expected: 'must be a whole number, 0 or more',
};
const durationOrNull: Field = {
  accepts: (value) => value === null || isNumber(value, 0),
  expected: 'must be a number, 0 or more, or null',
};
const slotsOrNull: Field = {
  accepts: (value) =>
    value === null ||
    (isObject(value) &&
      Object.keys(value).length === 2 &&
      count.accepts(value['video']) &&
      count.accepts(value['audio'])),
  expected: 'must be null or {video: whole number, audio: whole number}',
};
const names: Field = {
  accepts: (value) => Array.isArray(value) && value.every(isName),
  expected: 'must be a list of strings that are not empty',
};

const fields: Fields = {
  tokenLifetimeS: {
    accepts: (value) => isNumber(value, Number.MIN_VALUE),
    expected: 'must be a number of seconds above 0',
  },
  tokenType: oneOf('publish', 'play'),
  oneTime: flag,
  tokenScope: oneOf('stream', 'room', 'app'),
  totpPeriodS: {
    accepts: (value) => value === null || isNumber(value, 1),
    expected: 'must be a number of seconds, 1 or more, or null',
  },
  tokenRoom: nameOrNull,
  serverUrl: nameOrNull,
  endpoint: {
    mode: oneOf(...endpointModes),
    status: {
      accepts: (value) => Number.isInteger(value) && isNumber(value, 200, 599),
      expected: 'must be an HTTP status from 200 to 599',
    },
    delayMs: duration,
    retryAfterS: duration,
    times: timesOrNull,
  },
  media: {
    sessionHoldMs: duration,
    sessionAnswer: oneOf('streamIdInUse', 'session_restored'),
    closeAfterUnauthorized: flag,
    refuse: refusal('command', ['publish', 'play', 'any'], 'definition'),
    acceptSockets: flag,
    silent: flag,
    edition: oneOf('enterprise', 'before-2.14', 'community'),
    slots: slotsOrNull,
    slotLists: oneOf('pushed', 'asked', 'lost'),
    audioLevels: flag,
    slotTurnMs: durationOrNull,
    noStreamInformation: nameOrNull,
  },
  janus: {
    kickUsers: flag,
    joinHub: flag,
    algorithm: oneOf('RS512', 'RS256', 'HS256'),
    sessionTimeoutMs: duration,
    maxRoomSize: count,
    maxUsers: count,
    refuse: refusal('role', ['publisher', 'subscriber', 'any'], 'message'),
    acceptSockets: flag,
    silent: flag,
  },
  jitsi: {
    requireToken: flag,
    guests: flag,
    waitForHost: oneOf('lobby', 'jicofo', false),
    lobby: flag,
    lobbyForAll: flag,
    password: nameOrNull,
    bridge: flag,
    acceptedIssuers: names,
    acceptedAudiences: names,
    checkDomain: flag,
    tokenFault: oneOf(...jitsiTokenFaults, null),
    tokenAuthUrl: nameOrNull,
    authPollMs: duration,
    reloadAfterMs: durationOrNull,
    resumption: oneOf('limbo', 'old'),
    resumeAfterMs: duration,
    sessionHoldMs: duration,
    duplicateLeft: flag,
    ghosts: flag,
    silent: flag,
    acceptSockets: flag,
  },
};

function isField(entry: Field | Fields): entry is Field {
  return typeof entry['accepts'] === 'function';
}

function check(patch: unknown, allowed: Fields, path: string): void {
  if (!isObject(patch)) throw new SettingsError(path === '' ? 'The body' : path, 'must be a JSON object');
  for (const [name, value] of Object.entries(patch)) {
    const field = path === '' ? name : `${path}.${name}`;
    const entry = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (entry === undefined) throw new SettingsError(field, 'is not a setting');
    if (!isField(entry)) check(value, entry, field);
    else if (!entry.accepts(value)) throw new SettingsError(field, entry.expected);
  }
}

/**
 * Merges a patch from outside into the settings, in place. Nothing is changed when any field is wrong.
 * A new `endpoint.mode` without `endpoint.times` ends an earlier count.
 *
 * @throws {@link SettingsError} that names the field.
 */
export function patchSettings(settings: Settings, patch: unknown): void {
  check(patch, fields, '');
  const { endpoint, media, janus, jitsi, ...plain } = patch as Record<
    string,
    Record<string, unknown> | undefined
  >;
  Object.assign(settings, plain);
  if (endpoint) {
    if ('mode' in endpoint) settings.endpoint.times = null;
    Object.assign(settings.endpoint, endpoint);
  }
  if (media) {
    Object.assign(settings.media, structuredClone(media));
    if (settings.media.refuse) settings.media.refuse.times ??= null;
  }
  if (janus) {
    Object.assign(settings.janus, structuredClone(janus));
    if (settings.janus.refuse) settings.janus.refuse.times ??= null;
  }
  if (jitsi) Object.assign(settings.jitsi, structuredClone(jitsi));
}

/** Puts every setting back to what `original` says, in place. */
export function restoreSettings(settings: Settings, original: Settings): void {
  const { endpoint, media, janus, jitsi, ...plain } = structuredClone(original);
  Object.assign(settings, plain);
  Object.assign(settings.endpoint, endpoint);
  Object.assign(settings.media, media);
  Object.assign(settings.janus, janus);
  Object.assign(settings.jitsi, jitsi);
}
