// @vitest-environment node
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogEntry } from '../../examples/server/event-log.ts';
import { janusKeys, janusPublicKey } from '../../examples/server/janus/tokens.ts';
import { type DevServer, startServer } from '../../examples/server/server.ts';
import {
  fetchJanusToken,
  JanusClient,
  type JanusHandle,
  publisherJoin,
  subscriberJoin,
} from './support/janus-client.ts';

const { privateKey } = await janusKeys();
const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
let server: DevServer;
let clients: JanusClient[];

beforeEach(async () => {
  clients = [];
  server = await startServer({ vite: false });
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
});

async function attach(): Promise<JanusHandle> {
  const client = await JanusClient.create(server);
  clients.push(client);
  return client.attach();
}

const now = (): number => Math.floor(Date.now() / 1000);
const sign = (claims: object, key: KeyObject | Uint8Array = privateKey, alg = 'RS512'): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(key);
const good = { join_hub: true, room_ids: ['standup'], exp: now() + 60 };
const lastOf = (type: LogEntry['type']): LogEntry | undefined =>
  server.log.since().findLast((entry) => entry.type === type);

const anonymous = 'Rejecting anonymous join!';
const noPermission = 'Rejecting join without permission!';
const invalid = 'Rejecting join with invalid token!';
const unreadable = 'data did not match any variant of untagged enum OptionalField';

describe('a join', () => {
  it.each([
    ['for the room', good],
    ['for several rooms', { ...good, room_ids: ['other', 'standup'] }],
    ['for any room', { join_hub: true, exp: now() + 60 }],
    ['for any room by null', { ...good, room_ids: null }],
    ['with claims nobody looks at', { ...good, nbf: now() + 60, aud: 'x', iss: 'y', sub: 'z' }],
  ])('gets in with a token %s', async (_what, claims) => {
    const handle = await attach();
    const { plugindata } = await handle.join('standup', 'anna', await sign(claims));
    expect(plugindata).toEqual({
      plugin: 'janus.plugin.sfu',
      data: { success: true, response: { users: { standup: [] } } },
    });
    expect(lastOf('janus-join')).toMatchObject({
      room: 'standup',
      user: 'anna',
      role: 'publisher',
      answer: 'joined',
      token: { present: true, ok: true, expiresInMs: expect.any(Number) },
    });
  });

  it.each([
    ['missing', anonymous, undefined],
    ['missing', anonymous, null],
    ['malformed', invalid, ''],
    ['malformed', invalid, 'abc'],
    ['malformed', invalid, 'a.b.c'],
    ['malformed', invalid, sign({ join_hub: true, room_ids: ['standup'] })],
    ['malformed', invalid, sign({ ...good, exp: 'tomorrow' })],
    ['malformed', invalid, sign({ ...good, exp: now() + 60.5 })],
    ['malformed', invalid, sign({ ...good, join_hub: 'true' })],
    ['malformed', invalid, sign({ ...good, kick_users: 1 })],
    ['malformed', invalid, sign({ ...good, room_ids: 'standup' })],
    ['algorithm', invalid, janusPublicKey().then((key) => sign(good, key, 'HS256'))],
    ['algorithm', invalid, sign(good, privateKey, 'RS256')],
    ['algorithm', invalid, sign(good, privateKey, 'PS512')],
    ['signature', invalid, sign(good, otherKey)],
    ['expired', invalid, sign({ ...good, exp: now() - 1 })],
    ['expired', invalid, sign({ ...good, join_hub: false, exp: now() - 1 })],
    ['room', noPermission, sign({ ...good, room_ids: ['other'] })],
    ['room', noPermission, sign({ ...good, room_ids: [] })],
    ['permission', noPermission, sign({ ...good, join_hub: false })],
    ['permission', noPermission, sign({ exp: now() + 60 })],
  ])('with a token whose fault is %s gets: %s', async (why, message, token) => {
    const handle = await attach();
    const { janus, plugindata } = await handle.join('standup', 'anna', await token);
    expect(janus).toBe('event');
    expect(plugindata?.data).toEqual({ success: false, error: { msg: message } });
    expect(lastOf('janus-join')).toMatchObject({
      answer: message,
      token: { present: why !== 'missing', ok: false, why },
    });
    expect(server.janus.rooms()).toEqual([]);
  });

  it.each([
    ['a publisher', publisherJoin('standup', 'anna', 7)],
    ['no room', { kind: 'join', user_id: 'anna' }],
    ['a numeric user', { kind: 'join', room_id: 'standup', user_id: 1 }],
    ['a wrong subscription', { kind: 'join', room_id: 'standup', user_id: 'anna', subscribe: { data: 1 } }],
  ])('of %s that cannot be read is refused in the words of the plugin', async (_what, body) => {
    expect(await (await attach()).say(body)).toBe(unreadable);
  });

  it('finds the token good until the second it names is over', async () => {
    const handle = await attach();
    const exp = now() + 1000;
    const token = await sign({ ...good, exp });
    vi.useFakeTimers({ toFake: ['Date'], now: exp * 1000 + 999 });
    expect(await handle.say(publisherJoin('standup', 'anna', token))).toBe('success');
    vi.setSystemTime((exp + 1) * 1000);
    expect(await (await attach()).say(publisherJoin('standup', 'ben', token))).toBe(invalid);
  });

  it('is checked at every handle of a user, and names whom it is for in the log', async () => {
    const anna = await attach();
    await anna.connect();
    await anna.join('standup', 'anna', await sign(good));
    const ben = await attach();
    await ben.join('standup', 'ben', await sign(good));
    const expired = await sign({ ...good, exp: now() - 5 });
    const subscriber = await attach();
    expect(await subscriber.say(subscriberJoin('standup', 'ben', 'anna', expired))).toBe(invalid);
    expect(lastOf('janus-join')).toMatchObject({
      user: 'ben',
      role: 'subscriber',
      media: 'anna',
      token: { why: 'expired', expiresInMs: expect.closeTo(-5500, -3) },
    });
    const { jsep } = await subscriber.message(subscriberJoin('standup', 'ben', 'anna', await sign(good)));
    expect(jsep?.type).toBe('offer');
  });

  it('happens once for a handle, even when its publisher did not exist', async () => {
    const handle = await attach();
    const join = subscriberJoin('standup', 'ben', 'nobody', await sign(good));
    expect(await handle.say(join)).toBe("Can't subscribe to a nonexistent publisher.");
    expect(await handle.say(join)).toBe('Handles may only join once!');
  });

  it('is announced to the others, who are named in its answer', async () => {
    const [anna, ben] = [await attach(), await attach()];
    const token = await sign(good);
    await anna.join('standup', 'anna', token);
    const { plugindata } = await ben.join('standup', 'ben', token);
    expect(plugindata?.data.response).toEqual({ users: { standup: ['anna'] } });
    const joined = await anna.next('join');
    expect(joined.plugindata?.data).toEqual({ event: 'join', user_id: 'ben', room_id: 'standup' });
  });

  it('is refused when the room is full, but not to subscribers', async () => {
    server.settings.janus.maxRoomSize = 1;
    const token = await sign({ ...good, room_ids: ['standup', 'other'] });
    const anna = await attach();
    await anna.connect();
    await anna.join('standup', 'anna', token);
    expect(await (await attach()).say(publisherJoin('standup', 'ben', token))).toBe('Room is full.');
    expect(lastOf('janus-join')).toMatchObject({ answer: 'Room is full.', token: { ok: true } });
    expect(await (await attach()).say(subscriberJoin('standup', 'ben', 'anna', token))).toBe('success');
    expect(await (await attach()).say(publisherJoin('other', 'cleo', token))).toBe('success');
  });

  it('is refused when the server is full', async () => {
    server.settings.janus.maxUsers = 1;
    const token = await sign({ ...good, room_ids: ['standup', 'other'] });
    await (await attach()).join('standup', 'anna', token);
    expect(await (await attach()).say(publisherJoin('other', 'ben', token))).toBe('Server is full.');
  });

  it('is refused as the fault panel says, as often as it says', async () => {
    const refuse = { role: 'subscriber', message: 'Not today.', times: 1 };
    await fetch(`${server.url}/faults`, { method: 'POST', body: JSON.stringify({ janus: { refuse } }) });
    const token = await sign(good);
    const anna = await attach();
    await anna.connect();
    expect(await anna.say(publisherJoin('standup', 'anna', token))).toBe('success');
    const ben = await attach();
    expect(await ben.say(subscriberJoin('standup', 'ben', 'anna', token))).toBe('Not today.');
    expect(server.settings.janus.refuse).toBeNull();
    expect(await ben.say(subscriberJoin('standup', 'ben', 'anna', token))).toBe('success');
  });

  it('of a user whose old handle is still there names that user itself', async () => {
    const token = await sign(good);
    await (await attach()).join('standup', 'anna', token);
    const { plugindata } = await (await attach()).join('standup', 'anna', token);
    expect(plugindata?.data.response?.users).toEqual({ standup: ['anna'] });
  });
});

describe('a kick', () => {
  const kick = (user: string, token: unknown): Record<string, unknown> => ({
    kind: 'kick',
    room_id: 'standup',
    user_id: user,
    token,
  });

  it('detaches every handle of the user, and the others hear that it left', async () => {
    const [anna, ben, viewer] = [await attach(), await attach(), await attach()];
    await anna.connect();
    await anna.join('standup', 'anna', await sign(good));
    await ben.join('standup', 'ben', await sign(good));
    await viewer.message(subscriberJoin('standup', 'ben', 'anna', await sign(good)));
    const token = await sign({ kick_users: true, exp: now() + 60 });
    const { plugindata } = await anna.message(kick('ben', token));
    expect(plugindata?.data).toEqual({ success: true, response: {} });
    await Promise.all([ben.next('detached'), viewer.next('detached')]);
    expect((await anna.next('leave')).plugindata?.data).toMatchObject({ user_id: 'ben', room_id: 'standup' });
    expect(await ben.ask({ janus: 'message', body: {} })).toMatchObject({ error: { code: 459 } });
    expect(lastOf('janus-kick')).toMatchObject({
      room: 'standup',
      user: 'ben',
      role: 'publisher',
      token: { ok: true },
      answer: 'kicked',
    });
  });

  it.each([
    ['permission', sign(good)],
    ['expired', sign({ ...good, kick_users: true, exp: now() - 1 })],
    ['malformed', 'garbage'],
    ['algorithm', sign({ ...good, kick_users: true }, privateKey, 'RS256')],
  ])('whose token has the fault %s is answered success and ignored', async (why, token) => {
    const [anna, ben] = [await attach(), await attach()];
    await anna.join('standup', 'anna', await sign(good));
    await ben.join('standup', 'ben', await sign(good));
    expect(await anna.say(kick('ben', await token))).toBe('success');
    expect(await ben.say({})).toBe('success');
    expect(server.janus.rooms()).toMatchObject([{ publishers: [{ streamId: 'anna' }, { streamId: 'ben' }] }]);
    expect(lastOf('janus-kick')).toMatchObject({ answer: 'ignored', token: { ok: false, why } });
  });

  it('without any token cannot be read', async () => {
    expect(await (await attach()).say(kick('ben', undefined))).toBe(unreadable);
  });
});

describe('block, unblock and data', () => {
  it.each([
    [{ kind: 'block', whom: 'ben' }, 'Cannot block when not in a room.'],
    [{ kind: 'unblock', whom: 'ben' }, 'Cannot unblock when not in a room.'],
    [{ kind: 'data', body: 'x' }, 'Cannot send data when not in a room.'],
    [{ kind: 'dance' }, unreadable],
  ])('%j before the join is refused', async (body, message) => {
    expect(await (await attach()).say(body)).toBe(message);
  });

  it('tell the other, by events', async () => {
    const [anna, ben, cleo] = [await attach(), await attach(), await attach()];
    const token = await sign(good);
    for (const [handle, user] of [
      [anna, 'anna'],
      [ben, 'ben'],
      [cleo, 'cleo'],
    ] as const)
      await handle.join('standup', user, token);
    await anna.say({ kind: 'block', whom: 'ben' });
    expect((await ben.next('blocked')).plugindata?.data).toEqual({ event: 'blocked', by: 'anna' });
    await anna.say({ kind: 'unblock', whom: 'ben' });
    expect((await ben.next('unblocked')).plugindata?.data).toEqual({ event: 'unblocked', by: 'anna' });
    await anna.say({ kind: 'data', body: '{"to":"all"}' });
    await anna.say({ kind: 'data', whom: 'ben', body: '{"to":"ben"}' });
    const bodies = [await ben.next('data'), await ben.next('data'), await cleo.next('data')];
    expect(bodies.map(({ plugindata }) => plugindata?.data['body'])).toEqual([
      '{"to":"all"}',
      '{"to":"ben"}',
      '{"to":"all"}',
    ]);
  });
});

it('the log never holds 20 characters of a token', async () => {
  const anna = await attach();
  const tokens = [
    await fetchJanusToken(server, 'standup', 'anna'),
    await fetchJanusToken(server, 'other'),
    await sign({ ...good, exp: now() - 1 }),
    await sign({ kick_users: true, exp: now() + 60 }),
  ];
  for (const token of tokens) {
    await (await attach()).join('standup', 'ben', token);
    await anna.say({ kind: 'kick', room_id: 'standup', user_id: 'ben', token });
  }
  const log = JSON.stringify(await (await fetch(`${server.url}/events`)).json());
  expect(log.match(/"janus-(?:join|kick)"/g)).toHaveLength(8);
  for (const token of tokens)
    for (let at = 0; at + 20 <= token.length; at += 1) expect(log).not.toContain(token.slice(at, at + 20));
});
