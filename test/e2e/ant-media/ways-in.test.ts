import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SettingsPatch } from '../../../dev/server/settings.ts';
import { patchSettings } from '../../../dev/server/settings-patch.ts';
import {
  bothHearAndSee,
  commandsSince,
  counted,
  eventsOf,
  hearsAndSees,
  joined,
  pause,
  type Stage,
  sdkPage,
  startStage,
  tryToJoin,
  until,
} from '../harness.ts';
import type { TestPage } from '../pages/sdk.ts';

describe('ways into an Ant Media room', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  beforeEach(() =>
    patch({
      ...{ oneTime: false, serverUrl: null, tokenType: 'publish', totpPeriodS: null, tokenRoom: null },
      ...{ tokenScope: 'stream', media: { refuse: null, slots: null } },
    }),
  );
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());
  const patch = (settings: SettingsPatch) => patchSettings(stage.server.settings, settings);
  const socketUrl = (app: string) => `${stage.server.url.replace('http', 'ws')}/${app}/websocket`;
  const appsSince = (since: number) =>
    stage.server.log.since(since).flatMap((entry) => (entry.type === 'socket-open' ? [entry.app] : []));

  test('listening only asks for no device, is in an empty room, and hears who comes', async () => {
    patch({ tokenType: 'play' });
    const listener = await joined(stage, 'radio', 'radio-listener', { adapter: { listenOnly: true } });
    expect(await counted(listener)).toMatchObject({ liveTracks: 0 });
    patch({ tokenType: 'publish' });
    await joined(stage, 'radio', 'radio-speaker');
    await until('the listener hears and sees', () => hearsAndSees(listener));
    expect(commandsSince(stage, 'radio').filter(({ type }) => type === 'publish')).toHaveLength(1);
  });

  test.each([
    ['by name', null],
    ['in slots', { video: 5, audio: 3 }],
  ])(
    'one-time tokens are one for each publish and each play, at a join and at a reconnect, %s',
    async (how, slots) => {
      patch({ oneTime: true, media: { slots } });
      const room = `once-${how.replace(' ', '-')}`;
      const options = { adapter: { oneTimeTokens: true } };
      const a = await joined(stage, room, `${room}-alice`, options);
      const b = await joined(stage, room, `${room}-bob`, options);
      await until('both hear and see', () => bothHearAndSee(a, b));
      const before = stage.server.log.last;
      await stage.server.media.drop({ room });
      await until('both are there again', () => commandsSince(stage, room, before).length >= 4);
      await until('both hear and see again', () => bothHearAndSee(a, b));
      expect(commandsSince(stage, room).filter(({ token }) => !token.ok)).toEqual([]);
    },
  );

  test('a subscriber’s code lets in, another one does after a drop, and a wrong one is refused by name', async () => {
    const totpPeriodS = 2;
    patch({ totpPeriodS, media: { slots: { video: 5, audio: 3 } } });
    const a = await joined(stage, 'codes', 'codes-alice');
    const b = await joined(stage, 'codes', 'codes-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    // The first codes are no good now.
    await pause(2 * totpPeriodS * 1_000);
    const before = stage.server.log.last;
    await stage.server.media.drop({ room: 'codes' });
    await until('both are there again', () => commandsSince(stage, 'codes', before).length >= 4);
    await until('both hear and see again', () => bothHearAndSee(a, b));
    expect(commandsSince(stage, 'codes').filter(({ token }) => !token.ok)).toEqual([]);

    patch({ tokenRoom: 'elsewhere' });
    const page = await sdkPage(stage);
    const outcome = await tryToJoin(page, 'codes', { identity: 'codes-eve' });
    expect(outcome).toMatchObject({
      code: 'connect_denied',
      vendorCode: 'unauthorized_access',
      message: expect.stringContaining("subscriber's code"),
    });
    expect(await counted(page)).toMatchObject({ timers: 0, sockets: 0, connections: 0 });
  });

  test.each(['room', 'app'] as const)('a token for the whole %s lets in', async (tokenScope) => {
    patch({ tokenScope });
    const page = await joined(stage, `wide-${tokenScope}`, `wide-${tokenScope}-alice`);
    await until('it plays the room', () => commandsSince(stage, `wide-${tokenScope}`).length >= 2);
    expect(await page.evaluate(() => document.documentElement.dataset['state'])).toBe('connected');
  });

  test('a serverUrl in the token’s answer chooses the server for the join and for the reconnect', async () => {
    patch({ serverUrl: socketUrl('shard-1') });
    const start = stage.server.log.last;
    const a = await joined(stage, 'spread', 'spread-alice', {
      adapter: { websocketUrl: socketUrl('nowhere') },
    });
    expect(appsSince(start)).toEqual(['shard-1']);
    // The backend moves the room: the next token says so.
    patch({ serverUrl: socketUrl('shard-2'), tokenLifetimeS: 60 });
    await a.evaluate(() => (window as unknown as TestPage).session?.leave());
    const outcome = await tryToJoin(a, 'spread', { identity: 'spread-alice' });
    expect(outcome.state).toBe('connected');
    expect(appsSince(start)).toEqual(['shard-1', 'shard-2']);
    // Refused there, it asks for a new token, which leads elsewhere again.
    patch({
      serverUrl: socketUrl('shard-3'),
      media: {
        closeAfterUnauthorized: true,
        refuse: { command: 'publish', definition: 'unauthorized_access', times: 1 },
      },
    });
    await stage.server.media.drop({ room: 'spread' });
    await until('it is on the third', () => appsSince(start).includes('shard-3'));
    await until(
      'it is in the room',
      async () => (await eventsOf(a, 'stateChanged')).at(-1)?.['state'] === 'connected',
    );
    patch({ media: { closeAfterUnauthorized: false } });
  });

  test('httpEndpointUrl finds the node of a cluster', async () => {
    const start = stage.server.log.last;
    const adapter = { websocketUrl: undefined, httpEndpointUrl: `${stage.server.url}/cluster/node` };
    await joined(stage, 'node', 'node-alice', { adapter });
    expect(appsSince(start)).toEqual(['cluster']);
  });

  test('a token in the page’s link lets in, and is out of the address bar at once', async () => {
    const answer = await fetch(`${stage.server.url}/token`, {
      method: 'POST',
      body: JSON.stringify({ room: 'linked', identity: 'linked-alice' }),
    });
    const { token } = (await answer.json()) as { token: string };
    const page = await stage.open(`/test/e2e/pages/sdk.html?room=linked&token=${token}#chapter`);
    await page.waitForFunction(() => 'open' in window && document.documentElement.dataset['state']);
    const before = stage.server.log.last;
    const outcome = await tryToJoin(page, 'linked', { identity: 'linked-alice', tokenFromUrl: 'token' });
    expect(outcome.state).toBe('connected');
    expect(stage.server.log.since(before).filter(({ type }) => type === 'token')).toEqual([]);
    expect(page.url()).toBe(`${stage.server.url}/test/e2e/pages/sdk.html?room=linked#chapter`);
  });

  test('a refused token is replaced once, and a second refusal is final', async () => {
    patch({ media: { refuse: { command: 'publish', definition: 'unauthorized_access', times: 1 } } });
    await joined(stage, 'twice', 'twice-alice');
    expect(commandsSince(stage, 'twice').filter(({ type }) => type === 'publish')).toHaveLength(2);

    patch({ media: { refuse: { command: 'publish', definition: 'unauthorized_access', times: null } } });
    const before = stage.server.log.last;
    const page = await sdkPage(stage);
    const outcome = await tryToJoin(page, 'twice', { identity: 'twice-bob' });
    expect(outcome).toMatchObject({
      code: 'connect_denied',
      vendorCode: 'unauthorized_access',
      state: 'disconnected',
    });
    expect(commandsSince(stage, 'twice', before).filter(({ type }) => type === 'publish')).toHaveLength(2);
    expect(await counted(page)).toMatchObject({ timers: 0, sockets: 0, connections: 0, audioContexts: 0 });
  });

  test.each([
    ['user_blocked', 'connect_denied'],
    ['license_suspended_please_renew_license', 'connect_failed'],
  ])('a server that answers %s ends the join with %s', async (definition, code) => {
    patch({ media: { refuse: { command: 'publish', definition, times: null } } });
    const page = await sdkPage(stage);
    const outcome = await tryToJoin(page, 'policy', { identity: `${code}-alice` });
    expect(outcome).toMatchObject({ code, vendorCode: definition, state: 'disconnected' });
    expect(await counted(page)).toMatchObject({ timers: 0, sockets: 0, connections: 0 });
  });

  test('a server that is too busy is tried again, and each try is told', async () => {
    patch({ media: { refuse: { command: 'publish', definition: 'highResourceUsage', times: 2 } } });
    const page = await joined(stage, 'busy', 'busy-alice');
    expect(await eventsOf(page, 'attemptFailed')).toHaveLength(2);
  });

  test('a server that cannot be reached ends the join after three tries', async () => {
    const page = await sdkPage(stage);
    const adapter = { websocketUrl: 'ws://127.0.0.1:9/LiveApp/websocket' };
    const outcome = await tryToJoin(page, 'unreachable', { adapter });
    expect(outcome).toMatchObject({ code: 'connect_failed', state: 'disconnected' });
    expect(await counted(page)).toMatchObject({ timers: 0, sockets: 0, connections: 0, liveTracks: 0 });
  });
});
