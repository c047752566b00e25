import { describe, expect, test } from 'vitest';
import { checkToken } from '../../../../src/adapters/naf-janus/claims.ts';
import { TokenError } from '../../../../src/index.ts';
import { Token } from '../../../../src/token/jwt.ts';
import { outcome } from '../../session-stage.ts';
import type { Join } from './fake-janus.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { nothingIsLeft, type Stage, setUp, ways } from './naf-janus-stage.ts';

const invalid = 'Rejecting join with invalid token!';

const refusals = ({ server }: Stage) => server.joins.flatMap(({ refusal }) => refusal ?? []);
const tokensOf = (joins: readonly Join[]) => joins.map(({ token }) => token);
const joinToken = ({ vendor }: Stage) => (vendor() as unknown as { joinToken: string }).joinToken;

describe.each(ways)('tokens, %s', (_name, way) => {
  test('no join leaves before the endpoint has answered, however slow it is', async () => {
    const stage: Stage = setUp({
      way,
      details: () => new Promise((resolve) => stage.clock.setTimer(() => resolve({}), 3_000)),
    });
    const { startJoin, pass, server, issued } = stage;
    const join = outcome(startJoin());
    await pass(2_900);
    expect(server.sockets).toHaveLength(0);
    await pass(200);
    expect(join).toEqual({ done: true });
    expect(tokensOf(server.joins)).toEqual(issued);
  });

  test('no join leaves with a token that expired while the connection came up', async () => {
    let up = true;
    const stage = setUp({
      way,
      session: { joinTimeoutMs: 60_000, attemptTimeoutMs: 60_000 },
      details: () => {
        if (!up) throw new Error('down');
        return {};
      },
    });
    const { startJoin, pass, server } = stage;
    FakePeerConnection.works = false;
    const join = outcome(startJoin());
    await pass(100);
    up = false;
    await pass(13_000);
    for (const connection of FakePeerConnection.open) connection.comeUp();
    await pass(5_000);
    expect(server.sockets).toHaveLength(1);
    expect(server.joins).toEqual([]);
    up = true;
    await pass(20_000);
    expect(join).toEqual({ done: true });
    expect(server.joins).toHaveLength(1);
    expect(refusals(stage)).toEqual([]);
  });

  test('nobody is subscribed to with an expired token, and everybody at once when there is another', async () => {
    let up = true;
    const stage = setUp({
      way,
      details: () => {
        if (!up) throw new Error('down');
        return {};
      },
    });
    const { join, pass, server, session } = stage;
    await join();
    up = false;
    await pass(30_000);
    server.join('bob');
    await pass(20_000);
    expect(server.subscribers()).toEqual([]);
    expect(session.participants).toEqual([{ id: 'bob' }]);
    up = true;
    await pass(10_000);
    expect(server.subscribers('bob')).toHaveLength(1);
    expect(session.tracks).toHaveLength(2);
    expect(refusals(stage)).toEqual([]);
  });

  test('each join of two hours has a token that was valid then, with an endpoint that fails half the time', async () => {
    let asked = 0;
    const stage = setUp({
      way,
      details: () => {
        if (asked++ % 2 === 1) throw new Error('down');
        return {};
      },
      claims: { room_ids: ['standup'] },
    });
    const { join, pass, server, clock, session } = stage;
    await join();
    for (let guest = 0; guest < 12; guest++) {
      clock.sleep(600_000);
      await clock.wake('slept');
      if (guest > 0) server.leave(`guest ${guest - 1}`);
      server.join(`guest ${guest}`);
      await pass(3_000);
      expect(session.tracks.map(({ participantId }) => participantId)).toEqual(
        Array(2).fill(`guest ${guest}`),
      );
    }
    expect(server.subscribers()).toHaveLength(12);
    expect(refusals(stage)).toEqual([]);
    expect(stage.states()).toEqual(['connecting', 'connected']);
  });

  test('each refresh sets the join token', async () => {
    const stage = setUp({ way });
    const { join, pass, issued } = stage;
    await join();
    expect(joinToken(stage)).toBe(issued[0]);
    for (let refresh = 0; refresh < 5; refresh++) {
      await pass(8_000);
      expect(joinToken(stage)).toBe(issued.at(-1));
    }
    expect(issued.length).toBeGreaterThan(4);
  });

  test('a guest’s join carries no token, and is refused where one is needed', async () => {
    const stage = setUp({ way, session: { tokenSource: undefined } });
    const { join, server } = stage;
    await expect(join()).rejects.toMatchObject({
      code: 'connect_denied',
      vendorCode: 'Rejecting anonymous join!',
      message: expect.stringContaining('Set tokenSource.'),
    });
    expect(server.joins).toHaveLength(1);
    expect(server.bodies('join')[0]).toMatchObject({ token: null });
    await nothingIsLeft(stage);
  });
});

describe.each(ways)('a refused publisher, %s', (_name, way) => {
  test('gets one new token and joins with that, on the same handle', async () => {
    const stage = setUp({ way });
    const { join, server, issued, session } = stage;
    server.refuses = ({ token }) => token === issued[0] && invalid;
    await join();
    expect(session.state).toBe('connected');
    expect(tokensOf(server.publishers())).toEqual(issued.slice(0, 2));
    expect(server.frames.filter(({ janus }) => janus === 'attach')).toHaveLength(1);
    expect(server.sockets).toHaveLength(1);
    expect(FakePeerConnection.made).toBe(1);
  });

  test('is denied after one more try, with the server’s words, and nothing left', async () => {
    const stage = setUp({ way });
    const { join, server, issued, changes } = stage;
    server.refuses = () => invalid;
    await expect(join()).rejects.toMatchObject({ code: 'connect_denied', vendorCode: invalid });
    expect(tokensOf(server.publishers())).toEqual(issued);
    expect(issued).toHaveLength(2);
    expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'denied' });
    await nothingIsLeft(stage);
    expect(server.sockets).toHaveLength(1);
  });

  test('is denied where the claims do not let it in', async () => {
    const stage = setUp({ way });
    stage.server.refuses = () => 'Rejecting join without permission!';
    await expect(stage.join()).rejects.toThrow('join_hub');
    await nothingIsLeft(stage);
  });

  test.each(['Room is full.', 'Server is full.'])('is denied when the server says "%s"', async (words) => {
    const stage = setUp({ way });
    const { join, server, issued } = stage;
    server.refuses = () => words;
    await expect(join()).rejects.toMatchObject({ code: 'connect_denied', vendorCode: words });
    expect(issued).toHaveLength(1);
    expect(server.joins).toHaveLength(1);
    await nothingIsLeft(stage);
  });

  test.each(['Room is full.', 'Server is full.'])(
    'tries again while it reconnects and the server says "%s"',
    async (words) => {
      const stage = setUp({ way });
      const { join, pass, server, session, states } = stage;
      await join();
      server.refuses = () => words;
      server.drop();
      await pass(10_000);
      expect(session.state).toBe('reconnecting');
      expect(stage.failures.at(-1)).toMatchObject({ code: 'connect_failed', vendorCode: words });
      server.refuses = () => false;
      await pass(10_000);
      expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    },
  );

  test('with other words is a failure, and tried again until the join runs out of time', async () => {
    const stage = setUp({ way });
    const { startJoin, pass, server, failures, issued } = stage;
    server.refuses = () => 'Handles may only join once!';
    const join = outcome(startJoin());
    await pass(29_000);
    expect(join.done).toBe(false);
    expect(failures[0]).toMatchObject({ code: 'connect_failed', vendorCode: 'Handles may only join once!' });
    await pass(2_000);
    expect(join.error).toMatchObject({ code: 'connect_timeout', vendorCode: 'Handles may only join once!' });
    expect(server.joins.length).toBeGreaterThan(3);
    expect(issued.length).toBeLessThan(6);
    await nothingIsLeft(stage);
  });

  test('that was refused without any words is a failure', async () => {
    const stage = setUp({ way });
    stage.server.refuses = () => ' ';
    outcome(stage.startJoin());
    await stage.pass(100);
    expect(stage.failures[0]).toMatchObject({ code: 'connect_failed' });
  });
});

describe.each(ways)('a refused subscriber, %s', (_name, way) => {
  test('is healed with a new token at once', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session, issued, failures, states } = stage;
    await join();
    server.refuses = ({ token }) => token === issued[0] && invalid;
    server.join('bob');
    await pass(0);
    expect(tokensOf(server.subscribers('bob'))).toEqual(issued.slice(0, 2));
    expect(session.tracks).toHaveLength(2);
    expect(failures).toEqual([]);
    expect(states()).toEqual(['connecting', 'connected']);
    await session.leave();
    await nothingIsLeft(stage);
  });

  test('shares one new token with all the others that were refused with it', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session, issued } = stage;
    await join();
    server.refuses = ({ token }) => token === issued[0] && invalid;
    for (const guest of ['bob', 'cid', 'dora', 'eve']) server.join(guest);
    await pass(0);
    expect(issued).toHaveLength(2);
    expect(session.tracks).toHaveLength(8);
  });

  test('that is refused for ever is reported, asks in growing pauses, and ends when the other leaves', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session, failures, states } = stage;
    await join();
    server.refuses = ({ media }) => media !== undefined && invalid;
    server.join('bob');
    await pass(0);
    expect(failures[0]).toMatchObject({ code: 'connect_denied', vendorCode: invalid });
    await pass(10_000);
    const early = failures.length;
    expect(early).toBeGreaterThan(3);
    expect(early).toBeLessThan(7);
    await pass(300_000);
    expect(failures.length - early).toBeLessThan(14);
    expect(failures.length - early).toBeGreaterThan(8);
    // Our own, and none for the tries.
    expect(FakePeerConnection.open.size).toBe(1);
    server.leave('bob');
    const asked = server.joins.length;
    await pass(120_000);
    expect(server.joins).toHaveLength(asked);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(session.participants).toEqual([]);
  });

  test('does not go on asking after the other left and came again: there is one connection for them', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session } = stage;
    await join();
    server.refuses = ({ media }) => media !== undefined && invalid;
    server.join('bob');
    await pass(1_000);
    server.leave('bob');
    await pass(10);
    server.join('bob');
    await pass(1_000);
    server.refuses = () => false;
    await pass(60_000);
    expect(session.tracks).toHaveLength(2);
    expect(FakePeerConnection.open.size).toBe(2);
    expect(server.subscribers('bob').filter(({ refusal }) => !refusal)).toHaveLength(1);
  });

  test('stops asking when the endpoint denies, and the room goes on', async () => {
    let denies = false;
    const stage = setUp({
      way,
      details: () => {
        if (denies) throw new TokenError('token_denied', 'No more.');
        return {};
      },
    });
    const { join, pass, server, failures, states } = stage;
    await join();
    denies = true;
    server.refuses = ({ media }) => media !== undefined && invalid;
    server.join('bob');
    await pass(60_000);
    expect(failures.map((error) => (error as TokenError).code)).toEqual(['token_denied']);
    expect(server.subscribers('bob')).toHaveLength(1);
    expect(FakePeerConnection.open.size).toBe(1);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('whose media never come is asked for again', async () => {
    const stage = setUp({ way });
    const { join, pass, server, session, failures } = stage;
    await join();
    server.deaf.add('bob');
    server.join('bob');
    await pass(15_200);
    expect(failures).toMatchObject([{ code: 'connect_failed' }]);
    expect(failures[0]?.message).toContain('bob');
    server.deaf.clear();
    await pass(1_000);
    expect(session.tracks).toHaveLength(2);
    expect(FakePeerConnection.open.size).toBe(2);
  });
});

describe('the server of the token’s answer', () => {
  test.each(ways)('is used at the join and at each reconnect, %s', async (_name, way) => {
    let node = 1;
    const stage = setUp({ way, details: () => ({ serverUrl: `wss://node-${node++}.example.org/janus` }) });
    const { join, pass, server } = stage;
    await join();
    const urls = () => server.sockets.map(({ url }) => url);
    expect(urls()).toEqual(['wss://node-1.example.org/janus']);
    await pass(30_000);
    server.drop();
    await pass(1_000);
    expect(urls()).toEqual(['wss://node-1.example.org/janus', `wss://node-${node - 1}.example.org/janus`]);
    expect(node).toBeGreaterThan(3);
  });

  test('goes before the adapter’s, which is the one again where an answer names none', async () => {
    let named: string | undefined = 'wss://named.example.org/janus';
    const { join, pass, server } = setUp({
      adapter: { serverUrl: 'wss://own.example.org/janus' },
      details: () => ({ serverUrl: named }),
    });
    await join();
    named = undefined;
    await pass(30_000);
    server.drop();
    await pass(1_000);
    expect(server.sockets.map(({ url }) => new URL(url).hostname)).toEqual([
      'named.example.org',
      'own.example.org',
    ]);
  });

  test('is another site’s only where allowedServers names it', async () => {
    const details = () => ({ serverUrl: 'wss://janus.example.net/janus' });
    const serverUrl = 'wss://own.example.org/janus';
    const refused = setUp({ adapter: { serverUrl }, details });
    await expect(refused.join()).rejects.toMatchObject({ code: 'token_mismatch', claim: 'serverUrl' });
    expect(refused.server.sockets).toEqual([]);
    await nothingIsLeft(refused);
    const allowed = setUp({ adapter: { serverUrl, allowedServers: ['janus.example.net'] }, details });
    await allowed.join();
    expect(allowed.server.sockets).toHaveLength(1);
  });

  test.each(['ftp://janus.example.org', 'wss://['])('is checked: "%s"', async (serverUrl) => {
    const stage = setUp({ details: () => ({ serverUrl }) });
    await expect(stage.join()).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(stage.server.sockets).toEqual([]);
    await nothingIsLeft(stage);
  });
});

describe.each(ways)('claims, %s', (_name, way) => {
  test.each([
    ['room_ids', { room_ids: ['retro'] }],
    ['room_ids', { room_ids: [] }],
    ['join_hub', { join_hub: false }],
    ['join_hub', { join_hub: undefined }],
    ['join_hub', { join_hub: 'true' }],
  ])('%s that does not fit is an error before anything is sent: %j', async (claim, claims) => {
    const stage = setUp({ way, claims });
    await expect(stage.join()).rejects.toMatchObject({ code: 'token_mismatch', claim });
    expect(stage.server.sockets).toEqual([]);
    await nothingIsLeft(stage);
  });

  test.each([{ room_ids: ['retro', 'standup'] }, { room_ids: undefined }, { kick_users: false }])(
    'that fit are no error: %j',
    async (claims) => {
      const { join, session } = setUp({ way, claims });
      await join();
      expect(session.state).toBe('connected');
    },
  );
});

test('a token that is no JWT is for the server to judge', async () => {
  let count = 0;
  const stage = setUp({
    session: { tokenSource: () => ({ token: `opaque-and-long-enough-${count++}`, expiresIn: 60 }) },
  });
  await expect(stage.join()).rejects.toMatchObject({ code: 'connect_denied', vendorCode: invalid });
  expect(stage.server.joins).toHaveLength(2);
});

test('no error, event or address has a token in it', async () => {
  const said: string[] = [];
  const stage = setUp();
  const { session, server, startJoin, pass, issued } = stage;
  for (const name of ['stateChanged', 'attemptFailed', 'tokenRefreshed', 'tokenRefreshFailed'] as const)
    session.on(name, (event) => said.push(JSON.stringify(event), String((event as { error?: Error }).error)));
  server.refuses = () => invalid;
  const join = outcome(startJoin());
  await pass(0);
  said.push(String(join.error), JSON.stringify(join.error), ...server.sockets.map(({ url }) => url));
  expect(issued).toHaveLength(2);
  for (const token of issued) expect(said.join()).not.toContain(token.split('.')[1]);
});

test('a claim may be in another Unicode form than the room', () => {
  const token = new Token('opaque', { join_hub: true, room_ids: ['cafe\u0301'] }, Infinity);
  const request = { room: 'caf\u00e9', identity: undefined, name: undefined };
  expect(() => checkToken(token, request)).not.toThrow();
  expect(() => checkToken(token, { ...request, room: 'cafe' })).toThrow(/other rooms/);
});
