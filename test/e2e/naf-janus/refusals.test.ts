import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SettingsPatch } from '../../../dev/server/settings.ts';
import { patchSettings } from '../../../dev/server/settings-patch.ts';
import { counted, type Stage, startStage, until } from '../harness.ts';
import { joinsSince, scenePage, tryScene, ways } from './scenes.ts';

const nothing = { sockets: 0, connections: 0, liveTracks: 0, audioContexts: 0 };

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
beforeEach(() =>
  patch({ tokenRoom: null, endpoint: { mode: 'ok' }, janus: { joinHub: true, refuse: null } }),
);
beforeEach(() => patch({ janus: { algorithm: 'RS512', maxRoomSize: 0 } }));
afterEach(() => stage.closePages());
afterAll(() => stage.close());
const patch = (settings: SettingsPatch) => patchSettings(stage.server.settings, settings);

describe.each(ways)('a join with the wrong token, $way,', ({ sceneDriven }) => {
  const room = 'refused';
  const open = async (token?: string) => {
    const page = await scenePage(stage);
    const before = stage.server.log.last;
    const outcome = await tryScene(page, {
      room,
      identity: 'ann',
      sceneDriven,
      ...(token === undefined ? {} : { token }),
    });
    expect(outcome.state).toBe('disconnected');
    await until('the server has nothing left', () => stage.server.janus.open.sockets === 0);
    expect(stage.server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
    await until('the page has nothing left', async () => (await counted(page)).connections === 0);
    expect(await counted(page)).toMatchObject(nothing);
    const sockets = stage.server.log.since(before).filter(({ type }) => type === 'socket-open');
    return { outcome, joins: joinsSince(stage, room, before), sockets: sockets.length };
  };

  test('that is for another room ends before Janus is reached, and names the claim', async () => {
    patch({ tokenRoom: 'elsewhere' });
    const { outcome, sockets } = await open();
    expect(outcome).toMatchObject({ code: 'token_mismatch', claim: 'room_ids' });
    expect(sockets).toBe(0);
  });

  test('that does not allow joining ends before Janus is reached, and names the claim', async () => {
    patch({ janus: { joinHub: false } });
    const { outcome, sockets } = await open();
    expect(outcome).toMatchObject({ code: 'token_mismatch', claim: 'join_hub' });
    expect(sockets).toBe(0);
  });

  test('that has expired ends before Janus is reached', async () => {
    patch({ endpoint: { mode: 'expired' } });
    const { outcome, sockets } = await open();
    expect(outcome).toMatchObject({ code: 'token_malformed' });
    expect(sockets).toBe(0);
  });

  test.each(['HS256', 'RS256'] as const)(
    'that is signed with %s is refused, and a new one too',
    async (algorithm) => {
      patch({ janus: { algorithm } });
      const { outcome, joins } = await open();
      expect(outcome).toMatchObject({
        code: 'connect_denied',
        vendorCode: 'Rejecting join with invalid token!',
      });
      expect(joins.map(({ role, token }) => [role, token.why])).toEqual([
        ['publisher', 'algorithm'],
        ['publisher', 'algorithm'],
      ]);
    },
  );

  test('that is garbage, and comes again when a new one is asked for, is no token', async () => {
    const { outcome, joins } = await open('no-token-at-all');
    expect(outcome).toMatchObject({ code: 'token_malformed' });
    expect(joins.map(({ token }) => token.why)).toEqual(['malformed']);
  });

  test('or a right one, into a server that is full, is denied in the words of the server', async () => {
    patch({ janus: { refuse: { role: 'publisher', message: 'Room is full.', times: null } } });
    const { outcome, joins } = await open();
    expect(outcome).toMatchObject({ code: 'connect_denied', vendorCode: 'Room is full.' });
    expect(joins).toHaveLength(1);
  });
});
