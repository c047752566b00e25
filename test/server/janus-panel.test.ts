// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../../dev/server/server.ts';
import { JanusStage } from './support/janus-stage.ts';

let stage: JanusStage;

beforeEach(async () => {
  stage = await JanusStage.open();
});
afterEach(() => stage.close());

describe('the fault panel', () => {
  it.each([
    ['terminate', 1006],
    ['close', 1001],
  ])('drops sockets by %s with code %i', async (how, code) => {
    const client = await stage.create();
    expect(await stage.post('/faults/drop', { backend: 'janus', how })).toEqual({ dropped: 1 });
    expect(await client.closed).toBe(code);
  });

  it('drops only the sockets of the room and the user it names', async () => {
    const [anna, ben] = [await stage.create(), await stage.create()];
    const { token } = stage;
    await (await anna.attach()).join('standup', 'anna', token);
    await (await ben.attach()).join('standup', 'ben', token);
    expect(await stage.post('/faults/drop', { room: 'other' })).toEqual({ dropped: 0 });
    expect(await stage.post('/faults/drop', { app: 'LiveApp' })).toEqual({ dropped: 0 });
    expect(await stage.post('/faults/drop', { backend: 'ant-media' })).toEqual({ dropped: 0 });
    expect(await stage.post('/faults/drop', { how: 'server_will_stop' })).toEqual({ dropped: 0 });
    expect(await stage.post('/faults/drop', { room: 'standup', identity: 'ben' })).toEqual({ dropped: 1 });
    await ben.closed;
    await anna.settled();
  });

  it.each([{ backend: 'other' }, { backend: 'janus', how: 'server_will_stop' }])(
    'refuses to drop %j',
    async (body) => {
      expect(await stage.post('/faults/drop', body)).toMatchObject({ error: 'bad_drop' });
    },
  );

  it.each([
    [{ sessionTimeoutMs: -1 }, /^janus\.sessionTimeoutMs must be a number, 0 or more/],
    [{ maxRoomSize: 1.5 }, /^janus\.maxRoomSize must be a whole number/],
    [{ algorithm: 'none' }, /^janus\.algorithm must be one of RS512, RS256, HS256/],
    [{ refuse: { role: 'host', message: 'x' } }, /^janus\.refuse must be null or \{role: publisher/],
    [{ refuse: { role: 'any' } }, /^janus\.refuse must be null or/],
  ])('refuses the settings %j', async (janus, message) => {
    const before = structuredClone(stage.server.settings);
    expect(await stage.post('/faults', { janus })).toEqual({
      error: 'bad_setting',
      message: expect.stringMatching(message),
    });
    expect(stage.server.settings).toEqual(before);
  });

  it('goes back to the settings the server was started with', async () => {
    const other = await startServer({ vite: false, settings: { janus: { maxRoomSize: 3 } } });
    Object.assign(other.settings.janus, { maxRoomSize: 1, silent: true });
    await fetch(`${other.url}/faults/reset`, { method: 'POST' });
    expect(other.settings.janus).toMatchObject({ maxRoomSize: 3, silent: false });
    await other.close();
  });

  it('simulates a restart: every socket is lost and nobody is remembered', async () => {
    const [anna, ben] = [await stage.create(), await stage.create()];
    const { token } = stage;
    const handle = await anna.attach();
    await handle.join('standup', 'anna', token);
    await handle.say({ kind: 'block', whom: 'ben' });
    await (await ben.attach()).join('standup', 'ben', token);
    expect(await stage.post('/faults/restart')).toEqual({ dropped: 2 });
    expect(await Promise.all([anna.closed, ben.closed])).toEqual([1006, 1006]);
    expect(stage.server.janus.rooms()).toEqual([]);
    expect(stage.server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
    expect(anna.frames.some(({ plugindata }) => plugindata?.data.event === 'leave')).toBe(false);
    const again = await (await stage.create()).attach();
    const { plugindata } = await again.join('standup', 'ben', token);
    expect(plugindata?.data.response).toEqual({ users: { standup: [] } });
  });
});
