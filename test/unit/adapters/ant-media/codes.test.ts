import { describe, expect, test } from 'vitest';
import {
  RoomSession,
  type RoomSessionOptions,
  type TokenSource,
  tokenEndpoint,
} from '../../../../src/index.ts';
import { setUp } from './ant-media-stage.ts';
import type { Frame } from './fake-ams.ts';

/** A source whose codes are new every minute, as a server's are, by the stage's own time. */
function codes(more: object = {}) {
  const asked: string[] = [];
  let now = () => 0;
  const code = () => String(100_000 + Math.floor(now() / 60_000));
  const tokenSource: TokenSource = () => {
    asked.push(code());
    return { ...more, subscriberId: 'ada-7', subscriberCode: code() };
  };
  const stage = setUp({ session: { tokenSource } as Partial<RoomSessionOptions> });
  now = () => stage.clock.monotonic();
  return { ...stage, asked, code };
}

const proofs = (frames: readonly Frame[]) =>
  frames.map(({ token, subscriberId, subscriberCode }) => [token, subscriberId, subscriberCode]);

describe('a subscriber’s code', () => {
  test.each([
    ['in place of a token', {}, undefined, ''],
    ['beside a null', { token: null }, undefined, ''],
    ['beside an empty token', { token: '' }, undefined, ''],
    [
      'beside a token that remains the same',
      { token: 'always-the-same' },
      'always-the-same',
      'always-the-same',
    ],
  ])('%s is sent with publish and play', async (_what, more, published, played) => {
    const { join, server, session, code, pass } = codes(more);
    server.others.push('bob');
    await join();
    await pass(1_000);
    expect(proofs(server.commands('publish'))).toEqual([[published, 'ada-7', code()]]);
    expect(proofs(server.commands('play'))).toEqual([[played, 'ada-7', code()]]);
    expect(session.tracks).toHaveLength(2);
  });

  test('is another one after a drop, when the first has ended', async () => {
    const { join, server, session, code, pass, asked } = codes();
    server.others.push('bob');
    await join();
    const first = code();
    const askedBefore = asked.length;
    await pass(150_000);
    expect(asked).toHaveLength(askedBefore);
    server.drop();
    await pass(3_000);
    expect(session.state).toBe('connected');
    expect(code()).not.toBe(first);
    const used = server.commands('publish', 'play').map(({ subscriberCode }) => subscriberCode);
    expect(used).toEqual([first, first, code(), code()]);
  });

  test('is asked for anew in each attempt of a long outage', async () => {
    const { join, server, session, pass, asked } = codes();
    await join();
    server.up = false;
    server.drop();
    await pass(70_000);
    const askedBefore = asked.length;
    server.up = true;
    await pass(11_000);
    expect(session.state).toBe('connected');
    expect(asked.length).toBeGreaterThan(askedBefore);
    expect(server.commands('publish').at(-1)?.['subscriberCode']).toBe(asked.at(-1));
  });

  test('is used for 20 s, where the room is empty and is asked for again every 3 s', async () => {
    const { join, server, pass, asked } = codes();
    server.ownStreamMakesRoom = false;
    await join();
    const atFirst = asked.length;
    await pass(19_000);
    expect(server.commands('play').length).toBeGreaterThan(5);
    expect(asked).toHaveLength(atFirst);
    await pass(4_000);
    expect(asked).toHaveLength(atFirst + 1);
  });

  test('that is refused is replaced once, and a second refusal is named', async () => {
    const { session, server, pass, asked } = codes();
    server.refuses = (_token, command) => command === 'publish';
    server.ignores.add('play');
    const join = session.join('standup').catch((error) => error);
    await pass(3_000);
    expect(await join).toMatchObject({
      code: 'connect_denied',
      vendorCode: 'unauthorized_access',
      message: expect.stringMatching(/subscriber's code.*subscriberId/),
    });
    expect(server.commands('publish')).toHaveLength(2);
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  test('is in no string, event or error', async () => {
    const { session, server, pass, code, join } = codes();
    const told: unknown[] = [];
    session.on('tokenRefreshed', (event) => told.push(event));
    session.on('stateChanged', (event) => told.push(event));
    await join();
    server.drop();
    await pass(3_000);
    expect(JSON.stringify(told)).not.toContain(code());
  });

  test('comes from an endpoint', async () => {
    const { server, pass, clock, adapter } = setUp();
    const fetch = async () => Response.json({ subscriberId: 'ada-7', subscriberCode: '012345' });
    const tokenSource = tokenEndpoint('https://app.example.org/token', { fetch });
    const session = new RoomSession({ adapter, identity: 'ada', tokenSource, clock });
    const join = session.join('standup');
    await pass(1_000);
    await join;
    expect(proofs(server.commands('publish'))).toEqual([[undefined, 'ada-7', '012345']]);
    await session.leave();
  });
});

describe('a JWT for more than a room', () => {
  test.each([
    ['the whole application', { streamId: undefined }],
    ['a room, by another claim', { streamId: undefined, roomId: 'standup' }],
  ])('is for %s and lets in', async (_what, claims) => {
    const { join, server, session, pass } = setUp({ claims });
    server.others.push('bob');
    await join();
    await pass(1_000);
    expect(session.tracks).toHaveLength(2);
    server.drop();
    await pass(3_000);
    expect(session.state).toBe('connected');
  });
});
