/** What kind of token the endpoint makes out: one that may publish (and play), or one that may only play. */
export type TokenType = 'publish' | 'play';

/** What Ant Media's JWTs are good for: one stream or room (`streamId`), a room (`roomId`), or all of an application. */
export type TokenScope = 'stream' | 'room' | 'app';

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
  /**
   * Which server it is. `before-2.14` knows no `getIceServerConfig` and says nothing of who comes and goes
   * (`subtrackAdded`). `community` knows no rooms for playing and no tokens. Default `enterprise`.
   */
  edition: 'enterprise' | 'before-2.14' | 'community';
  /**
   * How many video and audio slots each who plays a room has at most, as servers since 2.10; Circle's are 5 and 3. null
   * (default): a track under the name of each participant, as up to 2.9. Counts from the next `play` on.
   */
  slots: { video: number; audio: number } | null;
  /**
   * When it says who is in which video slot: `pushed` (default) at each change; `asked`: `TRACK_LIST_UPDATED` is pushed,
   * the list is not; `lost`: once, before the data channel is open, and nothing after. It always answers who asks.
   */
  slotLists: 'pushed' | 'asked' | 'lost';
  /** Whether it says who is in which audio slot (`sendAudioLevelToViewers`). Default false, as the real one's. */
  audioLevels: boolean;
  /** Each audio slot goes to the next participant this often, in ms; null (default): only to those who speak. */
  slotTurnMs: number | null;
  /** What `no_stream_exist` says as its `information`; null: nothing. Default `stream_not_exist_or_not_streaming`. */
  noStreamInformation: string | null;
}

/** A refusal that joins of the Janus plugin get, whatever their token says. */
export interface JoinRefusal {
  /** Whose joins: those that ask for data, those that ask for somebody's media, or both. */
  role: 'publisher' | 'subscriber' | 'any';
  /** The text of the error, for example `Server is full.` */
  message: string;
  /** How many joins it answers before it is gone; null: until it is changed. */
  times: number | null;
}

/** The behaviour of the Janus part, and of the tokens made out for it. */
export interface JanusSettings {
  /** The claim `kick_users`. Default false. */
  kickUsers: boolean;
  /** The claim `join_hub`. Default true. */
  joinHub: boolean;
  /** What tokens are signed with; the server accepts RS512 (default) only. */
  algorithm: 'RS512' | 'RS256' | 'HS256';
  /** How long a session lives without a request, in ms; 0: for ever. Default 60 000. Counts from the next request. */
  sessionTimeoutMs: number;
  /** How many publishers a room takes before it answers `Room is full.`; 0 (default): any number. */
  maxRoomSize: number;
  /** How many publishers the server takes before it answers `Server is full.`; 0 (default): any number. */
  maxUsers: number;
  /** A refusal of joins; null (default): none. */
  refuse: JoinRefusal | null;
  /** false: the connection is destroyed at the upgrade. Default true. */
  acceptSockets: boolean;
  /** true: sockets are accepted, but no frame is read or sent. Default false. */
  silent: boolean;
}

/**
 * How a token that the endpoint makes out for Jitsi is spoilt: with another key (`signature`), an `nbf` a minute ahead
 * (`early`), the issuer, audience or domain of somebody else, or without the room it is for (`no-room`).
 */
export type JitsiTokenFault =
  | 'signature'
  | 'early'
  | 'issuer'
  | 'audience'
  | 'domain'
  | 'no-room'
  | 'null-room';

/** The faults of {@link JitsiSettings.tokenFault}. */
export const jitsiTokenFaults: readonly JitsiTokenFault[] = [
  'signature',
  'early',
  'issuer',
  'audience',
  'domain',
  'no-room',
  'null-room',
];

/** The behaviour of the Jitsi part, and of the tokens made out for it. */
export interface JitsiSettings {
  /** The opposite of Prosody's `allow_empty_token`. Default true. */
  requireToken: boolean;
  /** Whether there is a guest domain, so that one who has no token may log in all the same. Default true. */
  guests: boolean;
  /**
   * What a guest meets where no host has come yet: a lobby that opens by itself, or Jicofo's refusal, asked again
   * every {@link authPollMs}. A host is anybody who is no guest. Default false: guests need not wait.
   */
  waitForHost: 'lobby' | 'jicofo' | false;
  /** true: in meetings opened from now on, whoever is no moderator knocks and waits to be admitted. Default false. */
  lobby: boolean;
  /** true: moderators knock at a lobby too, as where `token_affiliation` gives nothing to who comes anew. Default false. */
  lobbyForAll: boolean;
  /** What the room's password is; null (default): there is none. */
  password: string | null;
  /** false: there is no bridge, so that a person who is not alone gets a fatal error. Default true. */
  bridge: boolean;
  /** `asap_accepted_issuers`. Default: the `iss` of the tokens made out here. */
  acceptedIssuers: string[];
  /** `asap_accepted_audiences`; `*` (default) takes any. */
  acceptedAudiences: string[];
  /** Whether `sub` has to be the domain or the tenant. Default true. */
  checkDomain: boolean;
  /** How tokens are spoilt; null (default): not at all. */
  tokenFault: JitsiTokenFault | null;
  /** Where one without a good token is sent to log in; null (default): nowhere. */
  tokenAuthUrl: string | null;
  /** How often the page asks Jicofo again, in ms. Default 5000, as the vendor's. */
  authPollMs: number;
  /** How long after a fatal error the page reloads itself, in ms; null (default): 10 to 30 s, as the vendor's. */
  reloadAfterMs: number | null;
  /**
   * What the page does when its socket is lost and its token is over: `limbo` (default, since lib-jitsi-meet v2131)
   * does nothing and says nothing until the network comes back; `old` logs in again with the old token.
   */
  resumption: 'limbo' | 'old';
  /** How long after a lost socket the page tries to resume, in ms. Default 1500; the next tries take longer. */
  resumeAfterMs: number;
  /** How long the server keeps a session whose socket was lost, in ms. Default 60 000. */
  sessionHoldMs: number;
  /** true: `participantLeft` comes twice, as it may. Default false. */
  duplicateLeft: boolean;
  /** true: a page that is left has no time to log out, so that the others see its session until the server ends it. Default false. */
  ghosts: boolean;
  /** true: the meeting page is blank, and says and answers nothing. Default false. */
  silent: boolean;
  /** false: the page's signalling is refused. Default true. */
  acceptSockets: boolean;
}

/** Everything that can be changed while the server runs. */
export interface Settings {
  /** `exp` minus `iat` of the tokens, in s. Default 60. */
  tokenLifetimeS: number;
  /** The `type` claim of Ant Media's tokens. Default `publish`. */
  tokenType: TokenType;
  /** For Ant Media. true: opaque tokens that are good for one publish or one play. Default false: JWTs. */
  oneTime: boolean;
  /** For Ant Media. Which JWTs are made out and taken. Default `stream`: no released server takes others. */
  tokenScope: TokenScope;
  /**
   * For Ant Media. A number: codes of subscribers (TOTP) in place of tokens, each of which is new after so many s. The real
   * server's default is 60. null (default): tokens.
   */
  totpPeriodS: number | null;
  /** The room tokens are made out for; null (default): the one asked for. */
  tokenRoom: string | null;
  /** Returned as `serverUrl` beside the token; null (default): left out. */
  serverUrl: string | null;
  endpoint: EndpointSettings;
  media: MediaSettings;
  janus: JanusSettings;
  jitsi: JitsiSettings;
}

/** Any part of the settings. */
export type SettingsPatch = Partial<Omit<Settings, 'endpoint' | 'media' | 'janus' | 'jitsi'>> & {
  endpoint?: Partial<EndpointSettings>;
  media?: Partial<MediaSettings>;
  janus?: Partial<JanusSettings>;
  jitsi?: Partial<JitsiSettings>;
};

/** The settings of a server nobody has changed anything on: a new object at each call. */
export function defaultSettings(): Settings {
  return {
    tokenLifetimeS: 60,
    tokenType: 'publish',
    oneTime: false,
    tokenScope: 'stream',
    totpPeriodS: null,
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
      edition: 'enterprise',
      slots: null,
      slotLists: 'pushed',
      audioLevels: false,
      slotTurnMs: null,
      noStreamInformation: 'stream_not_exist_or_not_streaming',
    },
    janus: {
      kickUsers: false,
      joinHub: true,
      algorithm: 'RS512',
      sessionTimeoutMs: 60_000,
      maxRoomSize: 0,
      maxUsers: 0,
      refuse: null,
      acceptSockets: true,
      silent: false,
    },
    jitsi: {
      requireToken: true,
      guests: true,
      waitForHost: false,
      lobby: false,
      lobbyForAll: false,
      password: null,
      bridge: true,
      acceptedIssuers: ['room-session'],
      acceptedAudiences: ['*'],
      checkDomain: true,
      tokenFault: null,
      tokenAuthUrl: null,
      authPollMs: 5000,
      reloadAfterMs: null,
      resumption: 'limbo',
      resumeAfterMs: 1500,
      sessionHoldMs: 60_000,
      duplicateLeft: false,
      ghosts: false,
      silent: false,
      acceptSockets: true,
    },
  };
}
