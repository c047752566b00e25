import { describe, expect, test } from 'vitest';
import { checkClaims } from '../../../../src/adapters/ant-media/claims.ts';
import { TokenError } from '../../../../src/index.ts';
import { Token } from '../../../../src/token/jwt.ts';
import { setUp } from './ant-media-stage.ts';

const tokensOf = (frames: readonly { token?: string }[]) => frames.map(({ token }) => token);

describe('a refused token', () => {
  test.each(['publish', 'play'] as const)(
    'of %s is replaced once, and the join succeeds',
    async (command) => {
      const { join, server, session, issued, pass } = setUp();
      server.refuses = (token, about) => about === command && token === issued[0];
      server.others.push('bob');
      await join();
      await pass(1_000);
      expect(session.state).toBe('connected');
      expect(session.tracks).toHaveLength(2);
      expect(tokensOf(server.commands(command))).toEqual([issued[0], issued[1]]);
      expect(issued).toHaveLength(2);
      expect(server.sockets).toHaveLength(1);
    },
  );

  test('of both commands is one request for another', async () => {
    const { join, server, session, issued, pass } = setUp();
    server.refuses = (token) => token === issued[0];
    server.others.push('bob');
    await join();
    await pass(1_000);
    expect(session.tracks).toHaveLength(2);
    expect(issued).toHaveLength(2);
    expect(tokensOf(server.commands('publish', 'play'))).toEqual([
      issued[0],
      issued[0],
      issued[1],
      issued[1],
    ]);
  });

  test('is replaced when the server closes the socket after it', async () => {
    const { session, pass, server, issued } = setUp();
    server.refuses = (token) => token === issued[0];
    server.closesAfterRefusal = true;
    const join = session.join('standup');
    await pass(2_000);
    await join;
    expect(server.sockets).toHaveLength(2);
    expect(issued).toHaveLength(2);
    expect(tokensOf(server.commands('publish'))).toEqual([issued[0], issued[1]]);
  });

  test('sends the next try to the server that the new token names', async () => {
    let count = 0;
    const { session, pass, server, issued } = setUp({
      details: () => ({ serverUrl: `wss://node-${++count}.example.org/a/websocket` }),
    });
    server.refuses = (token) => token === issued[0];
    server.closesAfterRefusal = true;
    const join = session.join('standup');
    await pass(2_000);
    await join;
    expect(server.sockets.map(({ url }) => new URL(url).hostname)).toEqual([
      'node-1.example.org',
      'node-2.example.org',
    ]);
  });

  test('is stopped on the server before the next is sent', async () => {
    const { join, server, issued } = setUp();
    server.refuses = (token, command) => command === 'publish' && token === issued[0];
    await join();
    const order = server.commands('publish', 'stop').filter(({ streamId }) => streamId === 'ada');
    expect(order.map(({ command }) => command)).toEqual(['publish', 'stop', 'publish']);
  });

  test.each([
    ['publish', false],
    ['play', false],
    ['publish', true],
    ['play', true],
  ] as const)(
    'of %s twice ends the join as denied, also when the server closes the socket (%s)',
    async (command, closes) => {
      const { session, pass, server, issued, open, changes } = setUp();
      server.refuses = (_token, about) => about === command;
      server.closesAfterRefusal = closes;
      server.others.push('bob');
      // Our own stream may be accepted before the room's token is refused for the second time.
      const join = session.join('standup').catch((error) => error);
      await pass(5_000);
      const error = (await join) ?? changes.at(-1)?.error;
      expect(error).toMatchObject({ code: 'connect_denied', vendorCode: 'unauthorized_access' });
      expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'denied' });
      expect(issued).toHaveLength(2);
      expect(server.commands(command)).toHaveLength(2);
      await pass(30_000);
      expect(server.commands(command)).toHaveLength(2);
      expect(open()).toEqual([]);
    },
  );

  test('at a reconnect is replaced once, and a second refusal ends the room as denied', async () => {
    const { join, pass, server, changes, issued, open } = setUp();
    await join();
    const before = issued.length;
    server.refuses = () => true;
    server.drop();
    await pass(5_000);
    expect(changes.at(-1)).toMatchObject({
      state: 'disconnected',
      reason: 'denied',
      error: { code: 'connect_denied', vendorCode: 'unauthorized_access' },
    });
    expect(issued.length).toBeLessThanOrEqual(before + 1);
    expect(open()).toEqual([]);
  });

  test('is no reason to mistrust the next one later on', async () => {
    const { join, pass, server, session } = setUp();
    await join();
    for (let round = 0; round < 3; round++) {
      const refused = new Set<string>();
      server.refuses = (token, command) => {
        if (command !== 'publish' || (refused.size > 0 && !refused.has(token))) return false;
        refused.add(token);
        return true;
      };
      server.drop();
      await pass(9_000);
      expect(session.state).toBe('connected');
    }
  });

  test('is missed in a guest’s command: the join ends, and says that a token is needed', async () => {
    const { session, pass, server, open } = setUp({ session: { tokenSource: undefined } });
    server.refuses = () => true;
    const join = session.join('standup').catch((error) => error);
    await pass(1_000);
    expect(await join).toMatchObject({
      code: 'connect_denied',
      vendorCode: 'unauthorized_access',
      message: expect.stringContaining('wants a token'),
    });
    expect(server.commands('publish')).toHaveLength(1);
    expect(open()).toEqual([]);
  });

  test('whose source denies another ends the join with that', async () => {
    const { session, pass, server, open } = setUp({
      session: {
        tokenSource: ({ reason }) => {
          if (reason === 'join') return 'opaque-token-of-the-first-join';
          throw new TokenError('token_denied', 'no more');
        },
      },
    });
    server.refuses = () => true;
    const join = session.join('standup').catch((error) => error);
    await pass(1_000);
    expect(await join).toMatchObject({ code: 'token_denied' });
    expect(open()).toEqual([]);
  });
});

describe('a token for something else', () => {
  test.each([
    ['another room', { streamId: 'retro' }, 'streamId'],
    ['playing only', { type: 'play' }, 'type'],
  ])('(%s) is refused before anything is sent', async (_what, claims, claim) => {
    const { join, server, open } = setUp({ claims });
    await expect(join()).rejects.toMatchObject({ code: 'token_mismatch', claim });
    expect(server.sockets).toEqual([]);
    expect(open()).toEqual([]);
  });

  test.each([
    ['for the own stream', { streamId: 'ada' }, {}],
    ['for playing, to listen only', { type: 'play' }, { listenOnly: true, localStream: undefined }],
    ['without claims that Ant Media knows', { streamId: undefined, type: undefined }, {}],
  ])('(%s) is good', async (_what, claims, adapter) => {
    const { join, session } = setUp({ claims, adapter });
    await join();
    expect(session.state).toBe('connected');
  });
});

describe('one-time tokens', () => {
  const oneTime = { adapter: { oneTimeTokens: true } };

  test('are one for each publish, play and retry, and none is refreshed', async () => {
    const { join, server, issued, pass, clock, session } = setUp(oneTime);
    server.ownStreamMakesRoom = false;
    await join();
    await pass(10_000);
    const sent = tokensOf(server.commands('publish', 'play'));
    expect(sent.length).toBeGreaterThan(3);
    expect(new Set(sent).size).toBe(sent.length);
    expect(sent).toEqual(issued);
    server.join('bob');
    await pass(5_000);
    expect(session.tracks).toHaveLength(2);
    const made = issued.length;
    await pass(60_000);
    expect(issued).toHaveLength(made);
    // The pong that is due, and no other.
    expect(clock.timerCount).toBe(1);
  });

  test('are not burnt by playing before the room exists', async () => {
    const { join, server, issued } = setUp(oneTime);
    await join();
    const [first] = server.commands('publish', 'play');
    expect(first).toMatchObject({ command: 'publish', token: issued[0] });
  });

  test('are new ones at a reconnect and after a refusal', async () => {
    const { join, server, issued, pass, session } = setUp(oneTime);
    await join();
    await pass(1_000);
    server.refuses = (token) => token === issued.at(-1) && server.commands('publish').length < 3;
    server.drop();
    await pass(5_000);
    expect(session.state).toBe('connected');
    const sent = tokensOf(server.commands('publish', 'play'));
    expect(new Set(sent).size).toBe(sent.length);
  });

  test('refused twice in a row end the join', async () => {
    const { session, pass, server, issued } = setUp(oneTime);
    server.refuses = () => true;
    const join = session.join('standup').catch((error) => error);
    await pass(5_000);
    expect(await join).toMatchObject({ code: 'connect_denied' });
    expect(issued).toHaveLength(2);
  });
});

test('a claim may be in another Unicode form than the room', () => {
  const token = new Token('opaque', { streamId: 'cafe\u0301' }, Infinity);
  const request = { room: 'caf\u00e9', identity: undefined, name: undefined };
  expect(() => checkClaims(token, request, false)).not.toThrow();
  expect(() => checkClaims(token, { ...request, room: 'cafe' }, false)).toThrow(/not "cafe"/);
});
