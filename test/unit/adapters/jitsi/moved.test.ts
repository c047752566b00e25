import { describe, expect, test } from 'vitest';
import { setUp } from './jitsi-stage.ts';

describe('a frame that is moved in the page', () => {
  test.each([
    ['while its token lives', 5_000],
    ['after the end of its token', 30_000],
  ])('%s is replaced within 2 s, muted as before', async (_what, afterMs) => {
    const { join, session, server, pass, states } = setUp();
    await join();
    await session.setMicrophone(false);
    await pass(afterMs);
    server.frame.move();
    expect(server.open).toEqual([]);
    await pass(2_000);
    expect(server.frames).toHaveLength(2);
    expect(server.open).toEqual([server.frame]);
    expect(server.frame.muted.audio).toBe(true);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  });

  test('while the person waits is replaced, and waits again', async () => {
    const { session, server, pass, states } = setUp();
    server.login = () => 'waiting-for-host';
    const joined = session.join('standup');
    await pass(1_000);
    server.frame.move();
    await pass(2_000);
    expect(server.frames).toHaveLength(2);
    expect(states()).toEqual(['connecting', 'waiting(host)']);
    server.frame.enter();
    await joined;
  });

  test('again and again during a join is no server that cannot be reached', async () => {
    const { session, server, pass } = setUp();
    server.loads = false;
    const joined = session.join('standup');
    await pass(0);
    for (let move = 0; move < 5; move++) {
      server.frame.move();
      await pass(8_000 / 2 ** (4 - move));
    }
    server.loads = true;
    server.frame.move();
    await pass(10_000);
    await joined;
    expect(session.state).toBe('connected');
  });
});

test('a page that loads itself again keeps its frame', async () => {
  const { join, server, pass } = setUp({ lifeS: 3_600 });
  await join();
  server.frame.load();
  await pass(10_000);
  expect(server.frames).toHaveLength(1);
});
