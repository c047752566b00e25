// @vitest-environment node
import { expect, test, vi } from 'vitest';
import type { LogEntry } from '../../src/log/index.ts';
import { logSession, printEntry } from '../../src/log/index.ts';
import { setUp, videoTrack } from './session-stage.ts';

test('a log has numbers and words of fixed lists only, whatever a server or a participant says', async () => {
  const { session, adapter, clock, issued } = setUp();
  const entries: LogEntry[] = [];
  logSession(session, { level: 'debug', clock, print: (entry) => entries.push(entry) });
  await session.join('standup');
  const evil = `${issued[0]}`;
  const { attempt } = adapter;
  attempt.participantJoined({ id: evil, name: evil, metadata: { state: evil, code: evil } });
  attempt.tracks(evil, [videoTrack()]);
  attempt.retrying(Object.assign(new Error(evil), { code: evil, status: evil }));
  attempt.lost(evil, { vendorCode: evil });
  await clock.advance(200_000);
  await session.leave();
  const values = new Set(entries.flatMap((entry) => Object.values(entry)));
  for (const value of values) {
    if (typeof value === 'number') continue;
    expect(value === session.id || /^[a-zA-Z_]{1,24}$/.test(`${value}`)).toBe(true);
  }
  expect(JSON.stringify(entries)).not.toContain(evil.slice(0, 20));
  expect(
    entries
      .filter(({ scope }) => scope === 'participants')
      .map(({ event, participant }) => [event, participant]),
  ).toContainEqual(['participantJoined', 1]);
  expect(entries).toContainEqual({
    ...{ at: expect.any(Number), session: session.id, level: 'warn', scope: 'session' },
    ...{ event: 'stateChanged', state: 'reconnecting' },
  });
  expect(entries.find(({ event }) => event === 'trackAdded')).toMatchObject({
    kind: 'video',
    scope: 'media',
  });
});

test('a log leaves out lower levels, ends when it is told to, and says how a join ended', async () => {
  const { session, adapter, clock } = setUp();
  const told: string[] = [];
  const stop = logSession(session, {
    level: 'error',
    clock,
    print: ({ event, code, state, reason }) => told.push([event, state, reason, code].join(' ')),
  });
  adapter.onConnect = (attempt) => attempt.denied(new Error('no'));
  await session.join('standup').catch(() => {});
  expect(told).toEqual(['stateChanged disconnected failed connect_failed']);
  stop();
  await session.join('standup').catch(() => {});
  expect(told).toHaveLength(1);
});

test('the printer writes to the console at the entry’s level', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const session = 'abc' as LogEntry['session'];
  printEntry({ at: 5, session, level: 'warn', scope: 'token', event: 'tokenExpired' });
  expect(warn).toHaveBeenCalledWith('room-session token tokenExpired', { at: 5, session });
  warn.mockRestore();
});
