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

const lifetimeS = 12;

describe('a token endpoint with faults', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: lifetimeS } });
  });
  beforeEach(() => patch({ tokenRoom: null, endpoint: { mode: 'ok', status: 403, times: null } }));
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());
  const patch = (settings: SettingsPatch) => patchSettings(stage.server.settings, settings);

  test('that is down for 20 s across a refresh does not interrupt media, and each failure is told once', async () => {
    const a = await joined(stage, 'outage', 'outage-alice');
    const b = await joined(stage, 'outage', 'outage-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    const before = stage.server.log.last;
    patch({ endpoint: { mode: 'down' } });
    for (const end = Date.now() + 20_000; Date.now() < end; ) expect(await hearsAndSees(a)).toBe(true);
    const requests = stage.server.log
      .since(before)
      .filter((entry) => entry.type === 'token' && entry.identity === 'outage-alice');
    expect(requests.length).toBeGreaterThan(0);
    expect(await eventsOf(a, 'tokenExpired')).toHaveLength(1);
    patch({ endpoint: { mode: 'ok' } });
    const refreshed = (await eventsOf(a, 'tokenRefreshed')).length;
    await until(
      'the token is fresh again',
      async () => (await eventsOf(a, 'tokenRefreshed')).length > refreshed,
    );
    const failures = await eventsOf(a, 'tokenRefreshFailed');
    expect(failures.map(({ attempt }) => attempt)).toEqual(failures.map((_, index) => index + 1));
    expect(failures.length).toBe(requests.length);
    expect((await eventsOf(a, 'tokenRefreshed')).at(-1)).toMatchObject({ attempts: failures.length + 1 });
    expect(await bothHearAndSee(a, b)).toBe(true);
    expect((await eventsOf(a, 'stateChanged')).map(({ state }) => state)).toEqual([
      'connecting',
      'connected',
    ]);
    expect(commandsSince(stage, 'outage', before)).toEqual([]);
  });

  test('that answers 403 at a join rejects it within a second, and no socket is left', async () => {
    patch({ endpoint: { mode: 'refuse' } });
    const page = await sdkPage(stage);
    const outcome = await tryToJoin(page, 'refused', { identity: 'refused-alice' });
    expect(outcome).toMatchObject({ code: 'token_denied', status: 403, state: 'disconnected' });
    expect(outcome.tookMs).toBeLessThan(1_000);
    expect(await counted(page)).toMatchObject({
      sockets: 0,
      connections: 0,
      audioContexts: 0,
      liveTracks: 0,
    });
  });

  test('that answers 403 at a refresh leaves the room as it is, and is final at the next authentication', async () => {
    const a = await joined(stage, 'denied', 'denied-alice');
    const b = await joined(stage, 'denied', 'denied-bob');
    patch({ endpoint: { mode: 'refuse' } });
    const failed = await until(
      'the refresh failed',
      async () => (await eventsOf(a, 'tokenRefreshFailed'))[0],
    );
    // One refusal may be a key rollout: it is confirmed a minute later, or when the media server wants a token.
    expect(failed).toMatchObject({ attempt: 1, final: false, error: expect.stringContaining('403') });
    await pause(lifetimeS * 1_000);
    expect(await bothHearAndSee(a, b)).toBe(true);
    expect(await eventsOf(a, 'tokenRefreshFailed')).toHaveLength(1);
    // When its server wants a token in the end, it is over: denied, not tried for ever.
    await stage.server.media.drop({ room: 'denied' });
    const end = await until('the room is over', async () =>
      (await eventsOf(a, 'stateChanged')).find(({ state }) => state === 'disconnected'),
    );
    expect(end).toMatchObject({ reason: 'denied', error: expect.stringContaining('403') });
    expect((await eventsOf(a, 'tokenRefreshFailed')).map(({ final }) => final)).toEqual([false, true]);
    expect(await counted(a)).toMatchObject({ sockets: 0, connections: 0, audioContexts: 0, liveTracks: 0 });
  });

  test('whose token is for another room rejects the join before anything is sent to the media server', async () => {
    patch({ tokenRoom: 'elsewhere' });
    const before = stage.server.log.last;
    const page = await sdkPage(stage);
    const outcome = await tryToJoin(page, 'here', { identity: 'here-alice' });
    expect(outcome).toMatchObject({ code: 'token_mismatch', claim: 'streamId', state: 'disconnected' });
    expect(outcome.message).toContain('elsewhere');
    const media = stage.server.log.since(before).filter(({ type }) => type !== 'token');
    expect(media).toEqual([]);
    expect(await counted(page)).toMatchObject({
      sockets: 0,
      connections: 0,
      audioContexts: 0,
      liveTracks: 0,
    });
  });

  test.each([
    ['html', 'token_malformed', 'HTML'],
    ['empty', 'token_malformed', 'empty'],
    ['undefined', 'token_malformed', 'undefined'],
    ['no-token', 'token_malformed', 'without a token'],
    ['expired', 'token_malformed', 'ended'],
  ] as const)(
    'that answers %s rejects the join with %s, naming it, and leaves nothing open',
    async (mode, code, named) => {
      patch({ endpoint: { mode } });
      const page = await sdkPage(stage);
      const outcome = await tryToJoin(page, 'bad', { identity: `${mode}-alice` });
      expect(outcome).toMatchObject({ code, message: expect.stringContaining(named), state: 'disconnected' });
      expect(await counted(page)).toMatchObject({ timers: 0, sockets: 0, connections: 0, liveTracks: 0 });
      patch({ endpoint: { mode: 'ok' } });
      expect(await tryToJoin(page, 'bad', { identity: `${mode}-alice` })).toMatchObject({
        state: 'connected',
      });
    },
  );

  test.each([
    ['server-error', 500],
    ['rate-limited', 429],
    ['echo', 500],
    ['down', undefined],
    ['hang', undefined],
  ] as const)(
    'that is %s all through a join rejects it as token_unavailable at the join timeout',
    async (mode, status) => {
      patch({ endpoint: { mode, retryAfterS: 1 } });
      const page = await sdkPage(stage);
      const outcome = await tryToJoin(page, 'bad', { identity: `${mode}-bob`, joinTimeoutMs: 3_000 });
      if (mode === 'hang') expect(outcome).toMatchObject({ code: 'connect_timeout', state: 'disconnected' });
      else expect(outcome).toMatchObject({ code: 'token_unavailable', status, state: 'disconnected' });
      expect(await counted(page)).toMatchObject({ timers: 0, sockets: 0, connections: 0, liveTracks: 0 });
    },
  );

  test('that is slow is waited for', async () => {
    patch({ endpoint: { mode: 'slow', delayMs: 3_000 } });
    const page = await sdkPage(stage);
    expect(await tryToJoin(page, 'slow', { identity: 'slow-alice' })).toMatchObject({ state: 'connected' });
  });
});
