// @vitest-environment node
import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../dev/server/event-log.ts';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import { fetchToken, SignallingClient } from './support/signalling-client.ts';

const secret = 'a secret of the tests, 32 characters or more';
let server: DevServer;
let clients: SignallingClient[];

beforeEach(async () => {
  clients = [];
  server = await startServer({ vite: false, secret });
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
});

async function open(app?: string): Promise<SignallingClient> {
  const client = await SignallingClient.open(server, app);
  clients.push(client);
  return client;
}

/** A room somebody publishes in, so that it can be played. */
async function openRoom(room: string, streamId = 'anna'): Promise<SignallingClient> {
  const client = await open();
  await client.publish(room, streamId, await fetchToken(server, { room }));
  return client;
}

const now = (): number => Math.floor(Date.now() / 1000);
const sign = (claims: Record<string, unknown>, key = secret, alg = 'HS256'): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(key));
const good = { streamId: 'standup', type: 'publish', exp: now() + 60 };
const publish = (token: unknown): object => ({ streamId: 'ben', mainTrack: 'standup', token });
const lastOf = (type: LogEntry['type']): LogEntry | undefined =>
  server.log.since().findLast((entry) => entry.type === type);

describe('publish', () => {
  it.each([
    ['for the room', good],
    ['for the own stream', { ...good, streamId: 'ben' }],
  ])('is started with a token %s', async (_for, claims) => {
    const client = await open();
    expect(await client.ask('publish', publish(await sign(claims)))).toBe('started');
    expect(client.frames).toContainEqual({ command: 'start', streamId: 'ben' });
  });

  it.each([
    ['missing', undefined],
    ['missing', null],
    ['missing', ''],
    ['malformed', 'abc'],
    ['malformed', 'a.b.c'],
    ['malformed', sign({ streamId: 'standup', type: 'publish' })],
    ['malformed', sign(good, secret, 'HS384')],
    ['signature', sign(good, 'another secret of 32 characters or more')],
    ['expired', sign({ ...good, exp: now() - 1 })],
    ['expired', sign({ ...good, exp: now() })],
    ['room', sign({ ...good, streamId: 'other' })],
    ['type', sign({ ...good, type: 'play' })],
  ])('is refused with a token whose fault is: %s', async (why, token) => {
    const client = await open();
    expect(await client.ask('publish', publish(await token))).toBe('unauthorized_access');
    expect(client.frames[0]).toEqual({
      command: 'error',
      definition: 'unauthorized_access',
      streamId: 'ben',
    });
    expect(lastOf('publish')).toMatchObject({
      room: 'standup',
      streamId: 'ben',
      answer: 'unauthorized_access',
      token: { present: why !== 'missing', ok: false, why },
    });
  });

  it.each([
    ['noStreamNameSpecified', { streamId: '', mainTrack: 'standup' }],
    ['invalidStreamName', { streamId: 'ben carter', mainTrack: 'standup' }],
    ['invalidStreamName', { streamId: 'ben', mainTrack: 'stand/up' }],
  ])('with a wrong stream id gets %s', async (definition, fields) => {
    const client = await open();
    expect(await client.ask('publish', { ...fields, token: await sign(good) })).toBe(definition);
  });

  it('gets already_publishing on a socket that publishes', async () => {
    const client = await openRoom('standup');
    expect(await client.ask('publish', publish(await sign(good)))).toBe('already_publishing');
  });

  it('gets streamIdInUse for a stream id that is live on another socket of the application', async () => {
    await openRoom('standup', 'ben');
    expect(await (await open()).ask('publish', publish(await sign(good)))).toBe('streamIdInUse');
    expect(await (await open('ShardB')).ask('publish', publish(await sign(good)))).toBe('started');
  });

  it('keeps the socket open when it is refused', async () => {
    const client = await open();
    await client.ask('publish', publish(''));
    expect(await client.ask('publish', publish(await sign(good)))).toBe('started');
  });

  it('ends the socket when it is refused, if the settings say so', async () => {
    server.settings.media.closeAfterUnauthorized = true;
    const client = await open();
    client.send('publish', publish(''));
    await client.next('error', 'unauthorized_access');
    expect(await client.closed).toBe(1000);
  });
});

describe('play', () => {
  it.each(['publish', 'play'])('is started with a token of type %s', async (type) => {
    await openRoom('standup');
    const client = await open();
    const token = await sign({ ...good, type });
    expect(await client.ask('play', { streamId: 'standup', token })).toBe('started');
  });

  it.each([
    ['missing', ''],
    ['expired', sign({ ...good, exp: now() - 1 })],
    ['room', sign({ ...good, streamId: 'other' })],
    ['type', sign({ ...good, type: 'admin' })],
  ])('is refused with a token whose fault is: %s', async (why, token) => {
    await openRoom('standup');
    const client = await open();
    expect(await client.ask('play', { streamId: 'standup', token: await token })).toBe('unauthorized_access');
    expect(lastOf('play')).toMatchObject({ token: { ok: false, why } });
  });

  it('of a room nobody publishes in gets no_stream_exist', async () => {
    const client = await open();
    client.send('play', { streamId: 'standup', token: await sign(good) });
    expect(await client.next('error')).toEqual({
      command: 'error',
      definition: 'no_stream_exist',
      streamId: 'standup',
      error_code: '404',
      information: 'stream_not_exist_or_not_streaming',
    });
  });

  it('gets already_playing on a socket that plays the room', async () => {
    const client = await openRoom('standup');
    const play = { streamId: 'standup', token: await sign(good) };
    expect(await client.ask('play', play)).toBe('started');
    expect(await client.ask('play', play)).toBe('already_playing');
  });

  it('sees only the rooms of its own application', async () => {
    await openRoom('standup');
    const client = await open('ShardB');
    expect(await client.ask('play', { streamId: 'standup', token: await sign(good) })).toBe(
      'no_stream_exist',
    );
  });
});

it('a token is checked at each command and never in between', async () => {
  server.settings.tokenLifetimeS = 1.2;
  const client = await openRoom('standup');
  const token = await fetchToken(server, { room: 'standup' });
  await new Promise((resolve) => setTimeout(resolve, 1300));
  expect(await client.ask('play', { streamId: 'standup', token })).toBe('unauthorized_access');
  expect(server.media.rooms()).toMatchObject([{ room: 'standup', publishers: [{ streamId: 'anna' }] }]);
});

describe('a one-time token', () => {
  beforeEach(() => {
    server.settings.oneTime = true;
  });

  it('is good once', async () => {
    const token = await fetchToken(server, { room: 'standup' });
    expect(await (await open()).ask('publish', publish(token))).toBe('started');
    expect(await (await open()).ask('publish', publish(token))).toBe('unauthorized_access');
    expect(lastOf('publish')).toMatchObject({ token: { present: true, ok: false, why: 'used' } });
  });

  it('is burnt by a play of a room nobody publishes in', async () => {
    const token = await fetchToken(server, { room: 'standup' });
    const client = await open();
    expect(await client.ask('play', { streamId: 'standup', token })).toBe('no_stream_exist');
    expect(await client.ask('publish', publish(token))).toBe('unauthorized_access');
  });

  it('is kept when it does not fit', async () => {
    const token = await fetchToken(server, { room: 'standup' });
    const client = await open();
    expect(await client.ask('publish', { streamId: 'ben', mainTrack: 'other', token })).toBe(
      'unauthorized_access',
    );
    expect(await client.ask('publish', publish(token))).toBe('started');
  });

  it('expires', async () => {
    server.settings.tokenLifetimeS = 0.001;
    const token = await fetchToken(server, { room: 'standup' });
    expect(await (await open()).ask('publish', publish(token))).toBe('unauthorized_access');
    expect(lastOf('publish')).toMatchObject({ token: { why: 'expired' } });
  });
});

describe('a refusal from the settings', () => {
  it('answers its command whatever the token says, as often as it was set for', async () => {
    server.settings.media.refuse = { command: 'publish', definition: 'highResourceUsage', times: 1 };
    const client = await open();
    const token = await sign(good);
    expect(await client.ask('play', { streamId: 'standup', token })).toBe('no_stream_exist');
    expect(await client.ask('publish', publish(token))).toBe('highResourceUsage');
    expect(await client.ask('publish', publish(token))).toBe('started');
    expect(server.settings.media.refuse).toBeNull();
  });

  it('answers publish and play when it is for any', async () => {
    server.settings.media.refuse = { command: 'any', definition: 'license_suspended', times: null };
    const client = await open();
    expect(await client.ask('publish', publish(await sign(good)))).toBe('license_suspended');
    expect(await client.ask('play', { streamId: 'standup' })).toBe('license_suspended');
  });
});

it('the log has every publish and play with the verdict on its token', async () => {
  const token = await fetchToken(server, { room: 'standup' });
  const client = await open();
  await client.publish('standup', 'ben', token);
  await client.ask('play', { streamId: 'standup', token });
  const ok = { present: true, ok: true, expiresInMs: expect.any(Number) };
  const common = { app: 'LiveApp', room: 'standup', token: ok, answer: 'started' };
  expect(server.log.since().filter(({ type }) => type === 'publish' || type === 'play')).toMatchObject([
    { ...common, type: 'publish', streamId: 'ben' },
    { ...common, type: 'play', streamId: 'standup' },
  ]);
});

it('the log never holds 20 characters of a token', async () => {
  const client = await open();
  const tokens = [
    await fetchToken(server, { room: 'standup' }),
    await sign({ ...good, exp: 1 }),
    randomBytes(60).toString('base64url'),
  ];
  server.settings.oneTime = true;
  tokens.push(await fetchToken(server, { room: 'standup' }));
  for (const token of tokens) {
    await client.ask('publish', publish(token));
    await client.ask('play', { streamId: 'standup', token });
    await client.ask('getTrackList', { streamId: 'standup', token });
  }
  const log = JSON.stringify(server.log.since());
  for (const token of tokens) {
    for (let start = 0; start + 20 <= token.length; start += 1)
      expect(log.includes(token.slice(start, start + 20))).toBe(false);
  }
});
