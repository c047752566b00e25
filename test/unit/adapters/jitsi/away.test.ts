import { describe, expect, test } from 'vitest';
import { outcome } from '../../session-stage.ts';
import { setUp } from './jitsi-stage.ts';

describe('a server that is away for 30 s', () => {
  async function comesBack(speaksMs: number, during: 'connected' | 'waiting') {
    const stage = setUp({ lifeS: 600 });
    const { session, server, pass } = stage;
    server.speaksMs = speaksMs;
    server.login = () => (during === 'waiting' ? 'waiting-for-host' : 'in');
    const joined = outcome(session.join('standup'));
    await pass(10_000);
    expect(session.state).toBe(during);
    server.isAway = true;
    server.frame.fail('connection.droppedError', { isFatal: true });
    await pass(30_000);
    server.isAway = false;
    return { ...stage, joined };
  }

  test.each([0, 300])('is back within 5 s, with pages that take %i ms to speak', async (speaksMs) => {
    const { server, session, pass, states } = await comesBack(speaksMs, 'connected');
    await pass(5_000);
    expect(session.state).toBe('connected');
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    expect(server.open).toHaveLength(1);
  });

  test('is waited for at its door, too', async () => {
    const { server, session, pass, states, joined } = await comesBack(0, 'waiting');
    await pass(5_000);
    expect(joined.error).toBeUndefined();
    expect(states()).toEqual(['connecting', 'waiting(host)']);
    server.frame.enter();
    await pass(0);
    expect(session.state).toBe('connected');
  });
});

test('a page that takes long to speak is not given up where it took as long before', async () => {
  const { session, server, pass } = setUp({ lifeS: 600 });
  server.speaksMs = 8_000;
  const joined = session.join('standup');
  await pass(9_000);
  await joined;
  server.frame.fail('conference.iceFailed', { isFatal: true });
  await pass(10_000);
  expect(server.frames).toHaveLength(2);
  expect(session.state).toBe('connected');
});

test('during a first join a page has its whole time to speak', async () => {
  const { session, server, pass } = setUp();
  server.isAway = true;
  session.join('standup').catch(() => {});
  await pass(19_000);
  expect(server.frames).toHaveLength(1);
  await session.leave();
});

describe('a deployment without a bridge', () => {
  const fatal = 'conference.videobridgeNotAvailable';

  test('is told after the second time', async () => {
    const { session, server, join, pass, states, changes } = setUp({ lifeS: 600 });
    await join();
    server.frame.fail(fatal, { isFatal: true });
    await pass(5_000);
    expect(session.state).toBe('connected');
    server.frame.fail(fatal, { isFatal: true });
    await pass(5_000);
    expect(server.frames).toHaveLength(2);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected', 'disconnected(ended)']);
    expect(changes.at(-1)?.error).toMatchObject({ code: 'connect_failed', vendorCode: fatal });
    expect(changes.at(-1)?.error?.message).toContain('JVB');
  });

  test('is forgotten after a minute in the room, as a bridge that was restarted is', async () => {
    const { session, server, join, pass } = setUp({ lifeS: 600 });
    await join();
    for (let restart = 0; restart < 3; restart++) {
      server.frame.fail(fatal, { isFatal: true });
      await pass(70_000);
      expect(session.state).toBe('connected');
    }
  });
});
