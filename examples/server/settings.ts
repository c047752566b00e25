/** What kind of token the endpoint makes out: one that may publish (and play), or one that may only play. */
export type TokenType = 'publish' | 'play';

/** How `POST /token` behaves. Every mode but `ok` and `slow` is a fault a client has to survive. */
export type EndpointMode =
  | 'ok'
  | 'down'
  | 'slow'
  | 'hang'
  | 'refuse'
  | 'rate-limited'
  | 'server-error'
  | 'html'
  | 'empty'
  | 'undefined'
  | 'no-token'
  | 'expired'
  | 'echo';

/** The modes of {@link EndpointSettings.mode}, in the order the fault panel offers them. */
export const endpointModes: readonly EndpointMode[] = [
  'ok',
  'down',
  'slow',
  'hang',
  'refuse',
  'rate-limited',
  'server-error',
  'html',
  'empty',
  'undefined',
  'no-token',
  'expired',
  'echo',
];

/** The token endpoint's behaviour. */
export interface EndpointSettings {
  /**
   * - `ok`: answers with a token. Default.
   * - `down`: destroys the connection without an answer.
   * - `slow`: answers with a token after {@link delayMs}.
   * - `hang`: never answers; ends when the client leaves or the server closes.
   * - `refuse`: answers {@link status} (403 unless set) with a JSON error.
   * - `rate-limited`: answers 429 with `Retry-After: {@link retryAfterS}`.
   * - `server-error`: answers 500 with a JSON error.
   * - `html`: answers 200 with a web page, as a login page or a captive portal does.
   * - `empty`: answers 200 with an empty body.
   * - `undefined`: answers 200 with the body `undefined`.
   * - `no-token`: answers 200 with JSON that has no `token`.
   * - `expired`: answers 200 with a token that expired a minute ago, and no `expiresIn`.
   * - `echo`: answers 500 with the last issued token in the body (a client must not repeat the body).
   */
  mode: EndpointMode;
  /** HTTP status of the mode `refuse`. Default 403. */
  status: number;
  /** Delay of the mode `slow`, in ms. Default 1000. */
  delayMs: number;
  /** `Retry-After` of the mode `rate-limited`, in s. Default 1. */
  retryAfterS: number;
  /** How many requests the mode is kept for before it is `ok` again; null (default): until it is changed. */
  times: number | null;
}

/** A refusal the media server answers whatever the token says. */
export interface Refusal {
  /** Which command it answers. */
  command: 'publish' | 'play' | 'any';
  /** The definition it answers with, for example `highResourceUsage`. */
  definition: string;
  /** How many commands it answers before it is gone; null: until it is changed. */
  times: number | null;
}

/** The media server's behaviour. */
export interface MediaSettings {
  /** How long a publisher is kept after its socket closed abnormally (code 1006), in ms. Default 0: not at all. */
  sessionHoldMs: number;
  /** What a publish with the stream id of a kept publisher gets. Default `streamIdInUse`. */
  sessionAnswer: 'streamIdInUse' | 'session_restored';
  /** Whether the socket is closed after `unauthorized_access`. Default false. */
  closeAfterUnauthorized: boolean;
  /** A refusal of publish, play or both; null (default): none. */
  refuse: Refusal | null;
  /** false: the connection is destroyed at the upgrade. Default true. */
  acceptSockets: boolean;
  /** true: sockets are accepted, but no frame is read or sent, not even `pong`. Default false. */
  silent: boolean;
}

/** Everything that can be changed while the server runs. */
export interface Settings {
  /** `exp` minus `iat` of the tokens, in s. Default 60. */
  tokenLifetimeS: number;
  /** The `type` claim. Default `publish`. */
  tokenType: TokenType;
  /** true: opaque tokens that are good for one publish or one play. Default false: JWTs. */
  oneTime: boolean;
  /** The room tokens are made out for; null (default): the one asked for. */
  tokenRoom: string | null;
  /** Returned as `serverUrl` beside the token; null (default): left out. */
  serverUrl: string | null;
  endpoint: EndpointSettings;
  media: MediaSettings;
}

/** Any part of the settings. */
export type SettingsPatch = Partial<Omit<Settings, 'endpoint' | 'media'>> & {
  endpoint?: Partial<EndpointSettings>;
  media?: Partial<MediaSettings>;
};

/** The settings of a server nobody has changed anything on: a new object at each call. */
export function defaultSettings(): Settings {
  return {
    tokenLifetimeS: 60,
    tokenType: 'publish',
    oneTime: false,
    tokenRoom: null,
    serverUrl: null,
    endpoint: { mode: 'ok', status: 403, delayMs: 1000, retryAfterS: 1, times: null },
    media: {
      sessionHoldMs: 0,
      sessionAnswer: 'streamIdInUse',
      closeAfterUnauthorized: false,
      refuse: null,
      acceptSockets: true,
      silent: false,
    },
  };
}
