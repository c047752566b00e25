/** A frame from a client: JSON with a `command`. The other fields are what the client says they are. */
export interface ClientMessage {
  readonly command: string;
  readonly [field: string]: unknown;
}

/** A frame to a client. */
export interface ServerMessage {
  readonly command: string;
  readonly [field: string]: unknown;
}

/**
 * Where messages to a client go: its socket. Everything one socket publishes and plays has the same recipient,
 * so it also says what belongs together.
 */
export interface Recipient {
  send(message: ServerMessage): void;
}

/** The message in a frame, or undefined when it is none: the real server does not answer those either. */
export function parseMessage(frame: string): ClientMessage | undefined {
  try {
    const message: unknown = JSON.parse(frame);
    if (typeof message !== 'object' || message === null || !('command' in message)) return undefined;
    return typeof message.command === 'string' ? { ...message, command: message.command } : undefined;
  } catch {
    return undefined;
  }
}

/** A text field of a message; `''` when it is absent or no text, as the client itself fills absent fields. */
export function text(message: ClientMessage, field: string): string {
  const value = message[field];
  return typeof value === 'string' ? value : '';
}

/** A `notification`: the client hands it to the page as `callback(definition, message)`. */
export function notification(
  definition: string,
  streamId: string,
  more: Record<string, unknown> = {},
): ServerMessage {
  return { command: 'notification', definition, streamId, ...more };
}

/** An `error`: the client hands it to the page as `callbackError(definition, message)`. One about no stream has no id. */
export function errorMessage(
  definition: string,
  streamId: string,
  more: Record<string, unknown> = {},
): ServerMessage {
  return { command: 'error', definition, ...(streamId === '' ? {} : { streamId }), ...more };
}

/** A number of a message; `otherwise` when it is none. */
export function number(message: ClientMessage, field: string, otherwise: number): number {
  const value = message[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** What is wrong with a stream or room id: the definition of the error, or undefined. */
export function streamIdError(streamId: string): string | undefined {
  if (streamId === '') return 'noStreamNameSpecified';
  return /^[A-Za-z0-9\-_.]+$/.test(streamId) ? undefined : 'invalidStreamName';
}
