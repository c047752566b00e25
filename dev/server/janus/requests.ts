/** What a join subscribes to. */
export interface Subscription {
  notifications: boolean;
  /** Also what makes a join one of a publisher. */
  data: boolean;
  /** The user whose audio and video it wants. */
  media?: string;
}

/** To enter a room, as a publisher or to get somebody's media. */
export interface JoinRequest {
  kind: 'join';
  room: string;
  user: string;
  subscribe?: Subscription;
  token?: string;
}

/** To put a user out of the server. */
export interface KickRequest {
  kind: 'kick';
  room: string;
  user: string;
  token: string;
}

/** The `body` of a message to the plugin. */
export type Request =
  | JoinRequest
  | KickRequest
  | { kind: 'block' | 'unblock'; whom: string }
  | { kind: 'data'; whom?: string; body: string };

/** A message that the plugin refuses: answered as `{success: false, error: {msg}}`. */
export class PluginError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PluginError';
  }
}

/** A thread of the plugin has panicked: what it was doing gets no answer. */
export class Panic extends Error {
  constructor() {
    super('panicked');
    this.name = 'Panic';
  }
}

/**
 * Reads the body of a message; undefined for `{}`, which goes with an offer or an answer.
 *
 * @throws {@link PluginError} in the plugin's own words, which say as little.
 */
export function readRequest(body: Record<string, unknown>): Request | undefined {
  if (Object.keys(body).length === 0) return undefined;
  const request = read(body);
  if (!request) throw new PluginError('data did not match any variant of untagged enum OptionalField');
  return request;
}

const isText = (value: unknown): value is string => typeof value === 'string';
/** The plugin takes null for an absent field. */
const isOptionalText = (value: unknown): boolean => value === undefined || value === null || isText(value);

function read(body: Record<string, unknown>): Request | undefined {
  const { kind, room_id: room, user_id: user, token, whom, body: data } = body;
  if (kind === 'join') return readJoin(body);
  if (kind === 'kick')
    return isText(room) && isText(user) && isText(token) ? { kind, room, user, token } : undefined;
  if (kind === 'block' || kind === 'unblock') return isText(whom) ? { kind, whom } : undefined;
  if (kind === 'data' && isText(data) && isOptionalText(whom))
    return { kind, body: data, ...(isText(whom) ? { whom } : {}) };
  return undefined;
}

function readJoin(body: Record<string, unknown>): JoinRequest | undefined {
  const { room_id: room, user_id: user, subscribe, token } = body;
  if (!isText(room) || !isText(user) || !isOptionalText(token)) return undefined;
  const subscription = subscribe === undefined || subscribe === null ? null : readSubscription(subscribe);
  if (subscription === undefined) return undefined;
  return {
    kind: 'join',
    room,
    user,
    ...(subscription ? { subscribe: subscription } : {}),
    ...(isText(token) ? { token } : {}),
  };
}

function readSubscription(value: unknown): Subscription | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { notifications = false, data = false, media } = { ...value } as Record<string, unknown>;
  if (typeof notifications !== 'boolean' || typeof data !== 'boolean' || !isOptionalText(media))
    return undefined;
  return { notifications, data, ...(isText(media) ? { media } : {}) };
}
