import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

const maxBodyBytes = 65_536;

/** A request that cannot be served; answered as `{error, message}` with this status. */
export class HttpError extends Error {
  readonly status: number;
  /** A word for programs, snake_case. */
  readonly error: string;

  constructor(status: number, error: string, message: string) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.error = error;
  }
}

/** Answers with JSON that nobody may store. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  send(response, status, 'application/json', JSON.stringify(body), headers);
}

/** Answers with a text that nobody may store. Does nothing when the client has left. */
export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (response.writableEnded || response.destroyed) return;
  response
    .writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store', ...headers })
    .end(body);
}

/**
 * The request's JSON body, up to 64 KiB.
 *
 * @throws {@link HttpError} 400 when it is not a JSON object, 413 when it is too long.
 */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new HttpError(413, 'body_too_long', 'The body must be 64 KiB or less.');
    chunks.push(chunk);
  }
  const body = parseJson(Buffer.concat(chunks).toString('utf8'));
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new HttpError(400, 'bad_json', 'The body must be a JSON object.');
  return { ...body };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Refuses requests for a foreign `Host`: a public name that a stranger pointed at this machine.
 *
 * @throws {@link HttpError} 403.
 */
export function requireOwnHost({ headers: { host = '' } }: IncomingMessage): void {
  const name = host.replace(/:\d+$/, '');
  if (name !== 'localhost' && name !== '127.0.0.1')
    throw new HttpError(403, 'foreign_host', 'Ask for localhost.');
}

/**
 * Refuses requests and sockets of other web pages, by their `Origin`, and for a foreign `Host`. Without it any page in the
 * same browser could ask a local server for tokens, and join its rooms.
 *
 * @throws {@link HttpError} 403.
 */
export function requireSameOrigin(request: IncomingMessage): void {
  requireOwnHost(request);
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    throw new HttpError(403, 'foreign_origin', 'Only pages of this server may ask.');
}
