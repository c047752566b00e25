// @vitest-environment node
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { janusKeys, publicKeyDer } from '../../dev/server/janus/keys.ts';
import { fetchJanusToken, publisherJoin, subscriberJoin } from './support/janus-client.ts';
import { eventually, JanusStage } from './support/janus-stage.ts';

const { privateKey } = janusKeys();
const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
let stage: JanusStage;

beforeEach(async () => {
  stage = await JanusStage.open();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.close();
});

const now = (): number => Math.floor(Date.now() / 1000);
const sign = (claims: object, key: KeyObject | Uint8Array = privateKey, alg = 'RS512'): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(key);
const good = { join_hub: true, room_ids: ['standup'], exp: now() + 60 };

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
    const handle = await stage.attach();
    const { plugindata } = await handle.join('standup', 'anna', await sign(claims));
    expect(plugindata).toEqual({
      plugin: 'janus.plugin.sfu',
      data: { success: true, response: { users: { standup: [] } } },
    });
    expect(stage.lastOf('janus-join')).toMatchObject({
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
    ['algorithm', invalid, sign(good, publicKeyDer(), 'HS256')],
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
    const handle = await stage.attach();
    const { janus, plugindata } = await handle.join('standup', 'anna', await token);
    expect(janus).toBe('event');
    expect(plugindata?.data).toEqual({ success: false, error: { msg: message } });
    expect(stage.lastOf('janus-join')).toMatchObject({
      answer: message,
      token: { present: why !== 'missing', ok: false, why },
    });
    expect(stage.server.janus.rooms()).toEqual([]);
  });

  it.each([
    ['a publisher', publisherJoin('standup', 'anna', 7)],
    ['no room', { kind: 'join', user_id: 'anna' }],
    ['a numeric user', { kind: 'join', room_id: 'standup', user_id: 1 }],
    ['a wrong subscription', { kind: 'join', room_id: 'standup', user_id: 'anna', subscribe: { data: 1 } }],
  ])('of %s that cannot be read is refused in the words of the plugin', async (_what, body) => {
    expect(await (await stage.attach()).say(body)).toBe(unreadable);
  });

  it('finds the token good until the second it names is over', async () => {
    const handle = await stage.attach();
    const exp = now() + 1000;
    const token = await sign({ ...good, exp });
    vi.useFakeTimers({ toFake: ['Date'], now: exp * 1000 + 999 });
    expect(await handle.say(publisherJoin('standup', 'anna', token))).toBe('success');
    vi.setSystemTime((exp + 1) * 1000);
    expect(await (await stage.attach()).say(publisherJoin('standup', 'ben', token))).toBe(invalid);
  });

  it('is checked at every handle of a user, and names whom it is for in the log', async () => {
    const anna = await stage.attach();
    await anna.connect();
    await anna.join('standup', 'anna', await sign(good));
    const ben = await stage.attach();
    await ben.join('standup', 'ben', await sign(good));
    const expired = await sign({ ...good, exp: now() - 5 });
    const subscriber = await stage.attach();
    expect(await subscriber.say(subscriberJoin('standup', 'ben', 'anna', expired))).toBe(invalid);
    expect(stage.lastOf('janus-join')).toMatchObject({
      user: 'ben',
      role: 'subscriber',
      media: 'anna',
      token: { why: 'expired', expiresInMs: expect.closeTo(-5500, -3) },
    });
    const { jsep } = await subscriber.message(subscriberJoin('standup', 'ben', 'anna', await sign(good)));
    expect(jsep?.type).toBe('offer');
  });

  it('happens once for a handle, even when its publisher did not exist', async () => {
    const handle = await stage.attach();
    const join = subscriberJoin('standup', 'ben', 'nobody', await sign(good));
    expect(await handle.say(join)).toBe("Can't subscribe to a nonexistent publisher.");
    expect(await handle.say(join)).toBe('Handles may only join once!');
  });

  it('is announced to the others, who are named in its answer', async () => {
    const [anna, ben] = [await stage.attach(), await stage.attach()];
    const token = await sign(good);
    await anna.join('standup', 'anna', token);
    const { plugindata } = await ben.join('standup', 'ben', token);
    expect(plugindata?.data.response).toEqual({ users: { standup: ['anna'] } });
    const joined = await anna.next('join');
    expect(joined.plugindata?.data).toEqual({ event: 'join', user_id: 'ben', room_id: 'standup' });
  });

  it('names those who are there in any order', async () => {
    const token = await sign(good);
    const users = ['anna', 'ben', 'cleo'];
    for (const user of users) await (await stage.attach()).join('standup', user, token);
    const orders = new Set<string>();
    for (let tries = 0; orders.size < 2 && tries < 100; tries += 1) {
      const client = await stage.create();
      const { plugindata } = await (await client.attach()).join('standup', 'dora', token);
      const named = plugindata?.data.response?.users?.['standup'] ?? [];
      expect([...named].sort()).toEqual(users);
      orders.add(named.join());
      await client.ask({ janus: 'destroy' });
    }
    expect(orders.size).toBe(2);
  });

  it('for the media of one who has never made an offer is the end of the plugin, until a restart', async () => {
    const token = await sign(good);
    await (await stage.attach()).join('standup', 'anna', token);
    const client = await stage.create();
    const [viewer, other] = [await client.attach(), client.attach()];
    await other;
    const silent = expect(viewer.message(subscriberJoin('standup', 'ben', 'anna', token))).rejects.toThrow(
      'Nothing came',
    );
    await eventually('the join', () => stage.lastOf('janus-join')?.answer === 'panicked');
    expect(await client.ask({ janus: 'keepalive' })).toMatchObject({ janus: 'ack' });
    await expect(client.attach()).rejects.toThrow('Nothing came');
    await silent;
    expect(await (await other).say(publisherJoin('standup', 'cleo', token))).toMatch(/^poisoned lock/);
    await stage.post('/faults/restart');
    await stage.publish('anna');
  });

  it('is refused when the room is full, but not to subscribers', async () => {
    stage.server.settings.janus.maxRoomSize = 1;
    const token = await sign({ ...good, room_ids: ['standup', 'other'] });
    const anna = await stage.attach();
    await anna.connect();
    await anna.join('standup', 'anna', token);
    expect(await (await stage.attach()).say(publisherJoin('standup', 'ben', token))).toBe('Room is full.');
    expect(stage.lastOf('janus-join')).toMatchObject({ answer: 'Room is full.', token: { ok: true } });
    expect(await (await stage.attach()).say(subscriberJoin('standup', 'ben', 'anna', token))).toBe('success');
    expect(await (await stage.attach()).say(publisherJoin('other', 'cleo', token))).toBe('success');
  });

  it('is refused when the server is full', async () => {
    stage.server.settings.janus.maxUsers = 1;
    const token = await sign({ ...good, room_ids: ['standup', 'other'] });
    await (await stage.attach()).join('standup', 'anna', token);
    expect(await (await stage.attach()).say(publisherJoin('other', 'ben', token))).toBe('Server is full.');
  });

  it('is refused as the fault panel says, as often as it says', async () => {
    const refuse = { role: 'subscriber', message: 'Not today.', times: 1 };
    await fetch(`${stage.server.url}/faults`, {
      method: 'POST',
      body: JSON.stringify({ janus: { refuse } }),
    });
    const token = await sign(good);
    const anna = await stage.attach();
    await anna.connect();
    expect(await anna.say(publisherJoin('standup', 'anna', token))).toBe('success');
    const ben = await stage.attach();
    expect(await ben.say(subscriberJoin('standup', 'ben', 'anna', token))).toBe('Not today.');
    expect(stage.server.settings.janus.refuse).toBeNull();
    expect(await ben.say(subscriberJoin('standup', 'ben', 'anna', token))).toBe('success');
  });

  it('of a user whose old handle is still there names that user itself', async () => {
    const token = await sign(good);
    await (await stage.attach()).join('standup', 'anna', token);
    const { plugindata } = await (await stage.attach()).join('standup', 'anna', token);
    expect(plugindata?.data.response?.users).toEqual({ standup: ['anna'] });
  });
});

it('the log never holds 20 characters of a token', async () => {
  const anna = await stage.attach();
  const tokens = [
    await fetchJanusToken(stage.server, 'standup', 'anna'),
    await fetchJanusToken(stage.server, 'other'),
    await sign({ ...good, exp: now() - 1 }),
    await sign({ kick_users: true, exp: now() + 60 }),
  ];
  for (const token of tokens) {
    await (await stage.attach()).join('standup', 'ben', token);
    await anna.say({ kind: 'kick', room_id: 'standup', user_id: 'ben', token });
  }
  const log = JSON.stringify(await (await fetch(`${stage.server.url}/events`)).json());
  expect(log.match(/"janus-(?:join|kick)"/g)).toHaveLength(8);
  for (const token of tokens)
    for (let at = 0; at + 20 <= token.length; at += 1) expect(log).not.toContain(token.slice(at, at + 20));
});
