import { expect, test } from 'vitest';
import { setUp } from './jitsi-stage.ts';

test('one’s own session of before, which the server keeps for a minute, is no participant', async () => {
  const { join, server, session, pass, participantEvents } = setUp({ lifeS: 3_600 });
  await join();
  const old = server.frame.id;
  server.frame.fail('conference.iceFailed', { isFatal: true });
  server.join(old, 'me');
  server.others.set('bob', 'Bob');
  await pass(5_000);
  expect(server.frames).toHaveLength(2);
  expect(session.participants.map(({ id }) => id)).toEqual(['bob']);
  server.leave(old);
  await pass(1_000);
  expect(participantEvents).toEqual(['bob joined']);
});

test('a token that ends while the page loads, twice, is no final refusal', async () => {
  const stage = setUp({ lifeS: 12 });
  const { session, server, pass, lifeLeft, states } = stage;
  server.login = () => 'silent';
  const joined = session.join('standup');
  for (const made of [1, 2]) {
    await pass(13_000);
    expect(server.frames).toHaveLength(made);
    expect(lifeLeft()).toBeLessThan(0);
    if (made === 2) server.login = () => 'in';
    server.frame.refuse();
    await pass(1_000);
  }
  await joined;
  expect(server.frames).toHaveLength(3);
  expect(states()).toEqual(['connecting', 'connected']);
});
