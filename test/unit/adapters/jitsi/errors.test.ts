import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ErrorKind, kindOf, readError, textOf } from '../../../../src/adapters/jitsi/errors.ts';
import type { RoomSessionEvents } from '../../../../src/index.ts';
import { outcome } from '../../session-stage.ts';
import { setUp } from './jitsi-stage.ts';

describe('an error of the page', () => {
  test.each<[string, ErrorKind]>([
    ['connection.passwordRequired', 'rejected'],
    ['connection.droppedError', 'lost'],
    ['connection.otherError', 'lost'],
    ['connection.serverError', 'lost'],
    ['connection.notLiveError', 'host'],
    ['connection.conferenceRequestFailed', 'joinFailed'],
    ['connection.shardChangedError', 'reconnects'],
    ['conference.authenticationRequired', 'host'],
    ['conference.destroyed', 'ended'],
    ['conference.max_users', 'denied'],
    ['conference.connectionError', 'joinFailed'],
    ['conference.display_name_required', 'ignored'],
    ['conference.focusDisconnected', 'lost'],
    ['conference.focusLeft', 'lost'],
    ['conference.gracefulShutdown', 'joinFailed'],
    ['conference.iceFailed', 'lost'],
    ['conference.incompatible_server_versions', 'ended'],
    ['conference.offerAnswerFailed', 'lost'],
    ['conference.passwordRequired', 'ignored'],
    ['conference.reservationError', 'denied'],
    ['conference.videobridgeNotAvailable', 'noBridge'],
    ['conference.connectionError.accessDenied', 'denied'],
    ['conference.connectionError.membersOnly', 'lobby'],
    ['conference.connectionError.notAllowed', 'denied'],
    ['conference.somethingNew', 'ignored'],
    ['conference.focusSomething', 'ignored'],
    ['connection.otherErrorOfANewKind', 'ignored'],
    ['conference.connectionError.new', 'ignored'],
    ['constructor', 'ignored'],
  ])('%s means %s', (name, kind) => {
    expect(kindOf(readError({ name, params: ['', ''] }), 'standup')).toBe(kind);
  });

  test('that nobody knows is a loss where it is fatal', () => {
    expect(kindOf(readError({ name: 'config.broken', isFatal: true }), 'standup')).toBe('lost');
    expect(kindOf(readError({}), 'standup')).toBe('ignored');
  });

  test('of a waiting host’s lobby is waiting for the host', () => {
    const name = 'conference.connectionError.membersOnly';
    expect(kindOf(readError({ name, params: ['lobby@example.org', true] }), 'standup')).toBe('host');
  });

  test('of a meeting that goes on under its own name is no end', () => {
    const name = 'conference.destroyed';
    const params = ['moved', 'standup@conference.example.org'];
    expect(kindOf(readError({ name, params }), 'standup')).toBe('reconnects');
    expect(kindOf(readError({ name, params }), 'other')).toBe('ended');
  });

  test.each([
    [{ message: 'Not acceptable by exp' }, 'Not acceptable by exp'],
    [{ params: ['general', 'Room and token mismatched'] }, 'Room and token mismatched'],
    [{ params: ['room-creation-restriction', null] }, 'room-creation-restriction'],
    [{ message: 'invalid &apos;iss&apos; claim' }, "invalid 'iss' claim"],
    [{ message: null }, ''],
    [{}, ''],
    [
      { message: 'bad token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb29tIjoic3RhbmR1cCJ9.c2ln' },
      'bad token ….….c2ln',
    ],
  ])('%o has the text "%s"', (error, text) => {
    expect(textOf(readError(error))).toBe(text);
  });

  test.each(['conference.passwordRequired', 'conference.display_name_required', 'connection.somethingNew'])(
    '%s leaves the join to the person in the frame',
    async (name) => {
      const { session, server, pass } = setUp();
      server.login = () => 'silent';
      const join = session.join('standup');
      await pass(0);
      server.frame.fail(name);
      await pass(20_000);
      server.frame.enter();
      await join;
      expect(server.frames).toHaveLength(1);
    },
  );

  test.each([
    'conference.connectionError',
    'conference.gracefulShutdown',
    'connection.conferenceRequestFailed',
  ])('%s is tried again during a join, and leaves a call alone', async (name) => {
    const { session, server, pass } = setUp();
    server.login = () => 'silent';
    const join = session.join('standup');
    await pass(0);
    server.login = () => 'in';
    server.frame.fail(name);
    await pass(1_000);
    await join;
    expect(server.frames).toHaveLength(2);
    server.frame.fail(name);
    await pass(5_000);
    expect(server.frames).toHaveLength(2);
  });

  test.each(['conference.max_users', 'conference.reservationError'])('%s is a denial', async (name) => {
    const { session, server, pass, open } = setUp();
    server.login = () => 'silent';
    const join = outcome(session.join('standup'));
    await pass(0);
    server.frame.fail(name);
    await pass(0);
    expect(join.error).toMatchObject({ code: 'connect_denied', vendorCode: name });
    expect(server.frames).toHaveLength(1);
    expect(open()).toEqual([]);
  });
});

test('no token, frame address or credentials are in an event, an error, the console or our own address', async () => {
  const said: unknown[] = [];
  for (const method of ['trace', 'debug', 'log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => said.push(...values));
  }
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const { session, server, issued, pass, clock } = setUp();
  const names = [
    ...['stateChanged', 'attemptFailed', 'participantJoined', 'participantLeft', 'tokenRefreshed'],
    ...['tokenRefreshFailed', 'tokenExpired', 'clockSkew', 'woke'],
  ] as (keyof RoomSessionEvents)[];
  for (const name of names) session.on(name, (payload) => said.push(payload));
  server.login = (jwt) => (jwt === issued[0] ? 'refused' : 'in');
  const join = session.join('standup');
  await pass(1_000);
  await join;
  await pass(30_000);
  await clock.wake('online');
  await pass(2_000);
  server.login = () => 'refused';
  server.frame.fail('connection.otherError', { isFatal: true, message: `no: ${issued.at(-1)}` });
  await pass(10_000);
  expect(session.state).toBe('disconnected');
  const seen = new Set<unknown>();
  const deep = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return String(value);
    if (seen.has(value)) return '';
    seen.add(value);
    return Reflect.ownKeys(value)
      .map((key) => `${String(key)}: ${deep(Reflect.get(value, key))}`)
      .join('\n');
  };
  const text = [...said.map(deep), location.href].join('\n');
  expect(said.length).toBeGreaterThan(8);
  expect(text).toContain('connection.passwordRequired');
  for (const secret of [...issued, ...server.frames.map(({ address }) => address)]) {
    for (let start = 0; start + 20 <= secret.length; start++) {
      if (text.includes(secret.slice(start, start + 20))) throw new Error('A piece of a token was shown.');
    }
  }
});
