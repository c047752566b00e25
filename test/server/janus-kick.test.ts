// @vitest-environment node
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { janusKeys } from '../../dev/server/janus/keys.ts';
import { subscriberJoin } from './support/janus-client.ts';
import { JanusStage } from './support/janus-stage.ts';

const { privateKey } = janusKeys();
let stage: JanusStage;

beforeEach(async () => {
  stage = await JanusStage.open();
});
afterEach(() => stage.close());

const now = (): number => Math.floor(Date.now() / 1000);
const sign = (claims: object, alg = 'RS512'): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(privateKey);
const good = { join_hub: true, room_ids: ['standup'], exp: now() + 60 };
const unreadable = 'data did not match any variant of untagged enum OptionalField';

describe('a kick', () => {
  const kick = (user: string, token: unknown): Record<string, unknown> => ({
    kind: 'kick',
    room_id: 'standup',
    user_id: user,
    token,
  });

  it('detaches every handle of the user, and the others hear that it left', async () => {
    const [anna, ben, viewer] = [await stage.attach(), await stage.attach(), await stage.attach()];
    await anna.connect();
    await anna.join('standup', 'anna', await sign(good));
    await ben.join('standup', 'ben', await sign(good));
    await viewer.message(subscriberJoin('standup', 'ben', 'anna', await sign(good)));
    const token = await sign({ kick_users: true, exp: now() + 60 });
    const { plugindata } = await anna.message(kick('ben', token));
    expect(plugindata?.data).toEqual({ success: true, response: {} });
    const kickedAt = performance.now();
    await Promise.all([ben.next('detached'), viewer.next('detached')]);
    expect(performance.now() - kickedAt).toBeGreaterThan(95);
    await expect(viewer.next('hangup')).rejects.toThrow('Nothing came');
    expect((await anna.next('leave')).plugindata?.data).toMatchObject({ user_id: 'ben', room_id: 'standup' });
    expect(await ben.ask({ janus: 'message', body: {} })).toMatchObject({ error: { code: 459 } });
    expect(stage.lastOf('janus-kick')).toMatchObject({
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
    ['algorithm', sign({ ...good, kick_users: true }, 'RS256')],
  ])('whose token has the fault %s is answered success and ignored', async (why, token) => {
    const [anna, ben] = [await stage.attach(), await stage.attach()];
    await anna.join('standup', 'anna', await sign(good));
    await ben.join('standup', 'ben', await sign(good));
    expect(await anna.say(kick('ben', await token))).toBe('success');
    expect(await ben.say({})).toBe('success');
    expect(stage.server.janus.rooms()).toMatchObject([
      { publishers: [{ streamId: 'anna' }, { streamId: 'ben' }] },
    ]);
    expect(stage.lastOf('janus-kick')).toMatchObject({ answer: 'ignored', token: { ok: false, why } });
  });

  it('leaves a subscription that is made meanwhile, and so the user in the room, until the socket closes', async () => {
    const anna = await stage.publish('anna');
    const client = await stage.create();
    const [ben, viewer] = [await client.attach(), await client.attach()];
    await ben.join('standup', 'ben', await sign(good));
    await anna.message(kick('ben', await sign({ kick_users: true, exp: now() + 60 })));
    await viewer.message(subscriberJoin('standup', 'ben', 'anna', await sign(good)));
    await ben.next('detached');
    await expect(viewer.next('detached')).rejects.toThrow('Nothing came');
    expect(anna.heard('leave')).toBe(false);
    await client.close();
    await anna.next('leave');
  });

  it('without any token cannot be read', async () => {
    expect(await (await stage.attach()).say(kick('ben', undefined))).toBe(unreadable);
  });
});

describe('block, unblock and data', () => {
  it.each([
    [{ kind: 'block', whom: 'ben' }, 'Cannot block when not in a room.'],
    [{ kind: 'unblock', whom: 'ben' }, 'Cannot unblock when not in a room.'],
    [{ kind: 'data', body: 'x' }, 'Cannot send data when not in a room.'],
    [{ kind: 'dance' }, unreadable],
  ])('%j before the join is refused', async (body, message) => {
    expect(await (await stage.attach()).say(body)).toBe(message);
  });

  it('tell the other, by events', async () => {
    const [anna, ben, cleo] = [await stage.attach(), await stage.attach(), await stage.attach()];
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
