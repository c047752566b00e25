import { describe, expect, test } from 'vitest';
import type { JoinContext } from '../../../../src/index.ts';
import { outcome } from '../../session-stage.ts';
import type { Login } from './fake-meet.ts';
import { setUp } from './jitsi-stage.ts';

describe.each<[string, Login, string]>([
  ['for the host, in a lobby', 'waiting-for-host', 'waiting(host)'],
  ['for the host, asking every 5 s', 'wait-for-owner', 'waiting(host)'],
  ['in the lobby', 'lobby', 'waiting(lobby)'],
])('a frame that waits %s', (_what, login, waiting) => {
  test('says so once, however often it is repeated, and is let in', async () => {
    const { session, server, pass, states, changes } = setUp({ lifeS: 3_600 });
    server.login = () => login;
    const join = outcome(session.join('standup'));
    for (let seconds = 0; seconds < 120; seconds += 5) {
      await pass(5_000);
      server.frame.logIn();
    }
    expect(join.done).toBe(false);
    server.frame.enter();
    await pass(0);
    expect(join).toEqual({ done: true });
    expect(states()).toEqual(['connecting', waiting, 'connected']);
    expect(changes).toHaveLength(3);
    expect(server.frames).toHaveLength(1);
  });

  test('is left without a trace', async () => {
    const { session, server, pass, open } = setUp();
    server.login = () => login;
    const join = outcome(session.join('standup'));
    await pass(60_000);
    const left = session.leave();
    await pass(0);
    await left;
    expect(join.error).toMatchObject({ name: 'AbortError' });
    expect(server.frame.commands).toContainEqual(['hangup']);
    expect(open()).toEqual([]);
  });
});

test('the lobby’s no is a denial', async () => {
  const { session, server, pass, changes, open } = setUp();
  server.login = () => 'lobby';
  const join = outcome(session.join('standup'));
  await pass(10_000);
  server.frame.fail('conference.connectionError.accessDenied');
  server.frame.say('notificationTriggered', { title: 'lobby.joinRejectedTitle' });
  await pass(0);
  expect(join.error).toMatchObject({
    code: 'connect_denied',
    vendorCode: 'conference.connectionError.accessDenied',
  });
  expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'denied' });
  expect(server.frames).toHaveLength(1);
  expect(open()).toEqual([]);
});

test('who gives up in the lobby has left', async () => {
  const { session, server, pass, open } = setUp();
  server.login = () => 'lobby';
  const join = outcome(session.join('standup'));
  await pass(10_000);
  server.frame.say('readyToClose');
  await pass(0);
  expect(join.error).toMatchObject({ code: 'connect_failed', vendorCode: 'readyToClose' });
  expect(open()).toEqual([]);
});

describe('a guest who waits', () => {
  test('is let in with a token as soon as the source has one', async () => {
    const { session, server, source, issue, pass, states } = setUp();
    source.answer = () => null;
    server.login = (jwt) => (jwt ? 'in' : 'wait-for-owner');
    const join = outcome(session.join('standup'));
    for (let seconds = 0; seconds < 40; seconds += 5) {
      await pass(5_000);
      server.frame.logIn();
    }
    expect(server.frames).toHaveLength(1);
    source.answer = issue;
    await pass(16_000);
    expect(join).toEqual({ done: true });
    expect(server.frames).toHaveLength(2);
    expect(server.open).toEqual([server.frame]);
    expect(states()).toEqual(['connecting', 'waiting(host)', 'connected']);
  });

  test('is let in with a token that the session got by itself', async () => {
    const { adapter, session, server, source, pass, issued, issue } = setUp();
    source.answer = () => null;
    const joins: JoinContext[] = [];
    const { prepare } = adapter;
    adapter.prepare = (context) => {
      joins.push(context);
      return prepare?.(context);
    };
    server.login = (jwt) => (jwt ? 'in' : 'waiting-for-host');
    const join = outcome(session.join('standup'));
    await pass(1_000);
    source.answer = issue;
    await joins[0]?.getToken({ fresh: true });
    await pass(1_000);
    expect(server.frames).toHaveLength(2);
    expect(server.frame.options.jwt).toBe(issued.at(-1) ?? 'none');
    expect(join).toEqual({ done: true });
  });

  test('is asked for a token no more once he is in', async () => {
    const { session, server, source, pass, asked } = setUp();
    source.answer = () => null;
    server.login = () => 'waiting-for-host';
    const join = session.join('standup');
    await pass(20_000);
    server.frame.enter();
    await join;
    const before = asked.length;
    await pass(120_000);
    expect(asked).toHaveLength(before);
    expect(server.frames).toHaveLength(1);
  });
});

test('who waits with a token is not replaced by a fresh one', async () => {
  const { session, server, pass, issued } = setUp();
  server.login = () => 'lobby';
  const join = session.join('standup');
  await pass(60_000);
  expect(issued.length).toBeGreaterThan(3);
  expect(server.frames).toHaveLength(1);
  server.frame.enter();
  await join;
});

test('a page that loads again while it waits, and does not knock again within 60 s, is replaced', async () => {
  const { session, server, pass, failures } = setUp({ lifeS: 3_600 });
  server.login = () => 'lobby';
  const join = outcome(session.join('standup'));
  await pass(1_000);
  server.login = () => 'silent';
  server.frame.load();
  await pass(59_000);
  expect(server.frames).toHaveLength(1);
  server.login = () => 'in';
  await pass(2_000);
  expect(server.frames).toHaveLength(2);
  expect(failures[0]?.message).toContain('did not return to the room within 60 s');
  expect(join).toEqual({ done: true });
});

test('who must knock again after a re-creation waits for as long as it takes', async () => {
  const { join, server, pass, states } = setUp({ session: { reconnectLimitMs: 30_000 } });
  await join();
  server.login = () => 'lobby';
  server.frame.fail('conference.focusLeft', { isFatal: true });
  await pass(120_000);
  server.frame.enter();
  await pass(0);
  expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'waiting(lobby)', 'connected']);
});

describe('a lobby', () => {
  test('is knocked at by itself at a join', async () => {
    const { session, server, pass } = setUp({
      adapter: { configOverwrite: { lobby: { enableChat: false } } },
    });
    server.login = () => 'lobby';
    const joined = session.join('standup');
    await pass(1_000);
    expect(server.knocks).toEqual([server.frame]);
    expect(server.frame.options.configOverwrite).toMatchObject({ lobby: { enableChat: false } });
    server.frame.enter();
    await joined;
  });

  test('is not knocked at before the person asks, with autoKnock: false, but by a frame that takes the place of another', async () => {
    const { session, server, pass, states } = setUp({ adapter: { autoKnock: false }, lifeS: 3_600 });
    server.login = () => 'lobby';
    const joined = session.join('standup');
    await pass(120_000);
    expect(server.knocks).toEqual([]);
    expect(states()).toEqual(['connecting', 'waiting(lobby)']);
    server.frame.enter();
    await joined;
    server.frame.fail('conference.iceFailed', { isFatal: true });
    await pass(2_000);
    expect(server.knocks).toEqual([server.frame]);
    expect(server.frames).toHaveLength(2);
  });
});
