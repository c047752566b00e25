/** The one plugin there is. */
export const pluginName = 'janus.plugin.sfu';

/** A frame from a client. The other fields are what the client says they are. */
export interface ClientFrame {
  readonly janus: string;
  readonly transaction: string;
  readonly [field: string]: unknown;
}

/** A frame to a client. */
export interface ServerFrame {
  readonly janus: string;
  readonly [field: string]: unknown;
}

/** Where frames to a client go: its socket. */
export interface Recipient {
  send(frame: ServerFrame): void;
}

/** A request that Janus itself refuses, before any plugin sees it: answered with an `error` frame. */
export class JanusError extends Error {
  /** As in Janus: 454 no JSON, 456 something is missing, 458 no such session, 459 no such handle … */
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.name = 'JanusError';
    this.code = code;
  }
}

/** The frame that tells a client of an error; `more` says which request it answers. */
export function errorFrame({ code, message }: JanusError, more: Record<string, unknown>): ServerFrame {
  return { janus: 'error', ...more, error: { code, reason: message } };
}

/**
 * The JSON object in a frame.
 *
 * @throws {@link JanusError}
 */
export function parseFrame(text: string): Record<string, unknown> {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw new JanusError(454, 'JSON error: the frame is no JSON');
  }
  // A real server takes a list for an object without any of its fields.
  if (Array.isArray(frame)) return {};
  if (!isObject(frame)) throw new JanusError(455, 'JSON error: not an object');
  return frame;
}

/**
 * The frame, when it has what every frame must have.
 *
 * @throws {@link JanusError}
 */
export function checkFrame(frame: Record<string, unknown>): ClientFrame {
  return { ...frame, transaction: requireText(frame, 'transaction'), janus: requireText(frame, 'janus') };
}

/**
 * A text field of a frame.
 *
 * @throws {@link JanusError} when it is absent or no text.
 */
export function requireText(frame: Record<string, unknown>, field: string): string {
  const value = frame[field];
  if (value === undefined) throw new JanusError(456, `Missing mandatory element (${field})`);
  if (typeof value !== 'string')
    throw new JanusError(467, `Invalid element type (${field} should be a string)`);
  return value;
}

/**
 * An object field of a frame.
 *
 * @throws {@link JanusError} when it is absent or no object.
 */
export function requireObject(frame: Record<string, unknown>, field: string): Record<string, unknown> {
  const value = frame[field];
  if (value === undefined) throw new JanusError(456, `Missing mandatory element (${field})`);
  if (!isObject(value)) throw new JanusError(467, `Invalid element type (${field} should be an object)`);
  return value;
}

/** An offer or answer of a client. */
export interface ClientJsep {
  type: 'offer' | 'answer';
  sdp: string;
}

/**
 * The offer or answer in a frame, if there is one.
 *
 * @throws {@link JanusError}
 */
export function readJsep(frame: ClientFrame): ClientJsep | undefined {
  if (frame['jsep'] === undefined) return undefined;
  const jsep = requireObject(frame, 'jsep');
  const type = requireText(jsep, 'type');
  if (type !== 'offer' && type !== 'answer')
    throw new JanusError(464, `JSEP error: unknown message type '${type}'`);
  const sdp = requireText(jsep, 'sdp');
  if (!sdp.startsWith('v=0')) throw new JanusError(465, 'JSEP error: invalid SDP');
  return { type, sdp };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
