/** What the meeting page reads in its own address. */
export interface PageAddress {
  /** `room` or `tenant/room`, as it is in the path. */
  readonly path: string;
  /** Empty where there is none; that of the hash comes before that of the query. */
  readonly jwt: string;
  /** The number of the host page's API object; undefined when the page is not embedded by one. */
  readonly apiId: number | undefined;
  /** `login=true` sends one without a token to the main domain. */
  readonly login: boolean;
  readonly displayName: string;
  readonly email: string;
  readonly prejoin: boolean;
  /** Whether it knocks at a lobby without a click. */
  readonly autoKnock: boolean;
  readonly audioMuted: boolean;
  readonly videoMuted: boolean;
  readonly devices: { readonly audioInput?: string; readonly videoInput?: string };
}

/** Reads an address of the kind that the vendor's script makes. */
export function readPageAddress({ pathname, search, hash }: URL | Location): PageAddress {
  const query = new URLSearchParams(search);
  const values = readHash(hash);
  const config = (name: string): unknown => values.get(`config.${name}`);
  const text = (name: string): string => String(values.get(name) ?? '');
  // The settings of a group come as one value or one by one.
  const { enabled = true } = Object(config('prejoinConfig')) as { enabled?: boolean };
  const { autoKnock = false } = Object(config('lobby')) as { autoKnock?: boolean };
  const apiId = values.get('jitsi_meet_external_api_id');
  return {
    path: pathname.replace(/^\/jitsi\//, ''),
    jwt: text('jwt') || (query.get('jwt') ?? ''),
    apiId: typeof apiId === 'number' ? apiId : undefined,
    login: query.get('login') === 'true',
    displayName: text('userInfo.displayName'),
    email: text('userInfo.email'),
    prejoin: (config('prejoinConfig.enabled') ?? enabled) === true,
    autoKnock: (config('lobby.autoKnock') ?? autoKnock) === true,
    audioMuted: config('startWithAudioMuted') === true,
    videoMuted: config('startWithVideoMuted') === true,
    devices: Object.fromEntries(
      ['audioInput', 'videoInput']
        .map((kind) => [kind, values.get(`devices.${kind}`)])
        .filter(([, label]) => typeof label === 'string'),
    ),
  };
}

/**
 * The address the page reloads itself with: the one it was opened with, its token included, and the mute states of
 * now. It comes back without the prejoin page.
 */
export function reloadAddress(href: string, audioMuted: boolean, videoMuted: boolean): string {
  const url = new URL(href);
  const now = {
    'config.startWithAudioMuted': audioMuted,
    'config.startWithVideoMuted': videoMuted,
    'config.prejoinConfig.enabled': false,
  };
  const kept = url.hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => part !== '' && !Object.hasOwn(now, part.split('=')[0] ?? ''));
  const added = Object.entries(now).map(([name, value]) => `${name}=${value}`);
  return `${url.origin}${url.pathname}${url.search}#${[...kept, ...added].join('&')}`;
}

function readHash(hash: string): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const part of hash.replace(/^#/, '').split('&')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    try {
      values.set(part.slice(0, at), JSON.parse(decodeURIComponent(part.slice(at + 1))));
    } catch {
      // A value that is no JSON is left out.
    }
  }
  return values;
}

/** From when until when a token is good, in ms since the epoch. Always, where it does not say. */
export function expiryOf(jwt: string): { notBefore: number; expires: number } {
  try {
    const payload = (jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const { nbf, exp } = JSON.parse(atob(payload)) as { nbf?: number; exp?: number };
    return { notBefore: (nbf ?? 0) * 1000, expires: (exp ?? Number.POSITIVE_INFINITY) * 1000 };
  } catch {
    return { notBefore: 0, expires: Number.POSITIVE_INFINITY };
  }
}
