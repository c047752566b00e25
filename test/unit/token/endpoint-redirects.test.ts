// @vitest-environment node
/** Where a token endpoint sends a person, and what is sent there. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type TokenEndpointOptions, tokenEndpoint } from '../../../src/index.ts';

/** What each of two servers was asked. */
const asked = { own: [] as string[], other: [] as string[] };
let redirect: { readonly status: number; readonly location: string } | undefined;
const own = createServer(async (request, response) => {
  asked.own.push(await describeRequest(request));
  if (!redirect || request.url !== '/token') response.end('own');
  else response.writeHead(redirect.status, { location: redirect.location }).end();
});
const other = createServer(async (request, response) => {
  asked.other.push(await describeRequest(request));
  response.end('other');
});

async function describeRequest(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return `${request.method} ${request.url} ${body}`;
}

const origin = (server: typeof own) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const signal = new AbortController().signal;
const askOwn = async (options?: TokenEndpointOptions) =>
  tokenEndpoint(`${origin(own)}/token`, options)({ room: 'standup', reason: 'join', signal });

beforeAll(async () => {
  for (const server of [own, other]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
});
afterEach(() => {
  asked.own = [];
  asked.other = [];
  vi.unstubAllGlobals();
});
afterAll(() => {
  for (const server of [own, other]) {
    server.closeAllConnections();
    server.close();
  }
});

describe('a redirect to another origin', () => {
  test.each([301, 302, 303, 307, 308])('with %d is not followed: nothing is sent there', async (status) => {
    redirect = { status, location: `${origin(other)}/take?x=1` };
    await expect(askOwn()).rejects.toMatchObject({
      code: 'token_unavailable',
      message: expect.stringContaining(
        `redirects to ${origin(other)}/take: ask there, or set allowRedirects`,
      ),
    });
    expect(asked.other).toEqual([]);
  });

  test('to another scheme is not followed either', async () => {
    redirect = { status: 307, location: origin(own).replace('http:', 'https:') };
    await expect(askOwn()).rejects.toMatchObject({ message: expect.stringContaining('redirects to https:') });
  });

  test('is followed where the app allows it', async () => {
    redirect = { status: 307, location: `${origin(other)}/take` };
    expect(await askOwn({ allowRedirects: true })).toMatchObject({ token: 'other' });
    expect(asked.other).toEqual(['POST /take {"room":"standup"}']);
  });

  test('is noticed where a browser does not show it', async () => {
    const response = { status: 0, type: 'opaqueredirect', url: '', headers: new Headers(), body: null };
    const fetch = vi.fn(async () => response as unknown as Response);
    await expect(askOwn({ fetch })).rejects.toMatchObject({
      message: expect.stringContaining('redirects to another address'),
    });
    expect(fetch).toHaveBeenCalledOnce();
  });

  test('that what stands in for fetch has followed gives no token', async () => {
    const response = new Response('theirs');
    Object.defineProperty(response, 'url', { value: 'https://portal.example/hello' });
    await expect(askOwn({ fetch: async () => response })).rejects.toMatchObject({
      message: expect.stringContaining('redirects to https://portal.example/hello'),
    });
  });
});

describe('a redirect within the origin', () => {
  test.each([
    [307, 'POST /token/ {"room":"standup"}'],
    [308, 'POST /token/ {"room":"standup"}'],
    [303, 'GET /token/ '],
    [302, 'GET /token/ '],
  ])('with %d is followed as fetch would', async (status, expected) => {
    redirect = { status, location: '/token/' };
    expect(await askOwn()).toMatchObject({ token: 'own' });
    expect(asked.own[1]).toBe(expected);
  });

  test('in a circle ends', async () => {
    redirect = { status: 307, location: '/token' };
    await expect(askOwn()).rejects.toMatchObject({
      message: expect.stringContaining('redirects in a circle'),
    });
    expect(asked.own).toHaveLength(6);
  });
});

test('for an endpoint of its own origin a page leaves redirects to the browser, which may not leave the origin', async () => {
  vi.stubGlobal('location', new URL('https://app.example/room'));
  const fetch = vi.fn(async () => new Response('abc'));
  await tokenEndpoint('/token', { fetch })({ room: 'standup', reason: 'join', signal });
  expect(fetch).toHaveBeenCalledWith(
    'https://app.example/token',
    expect.objectContaining({ mode: 'same-origin' }),
  );
});
