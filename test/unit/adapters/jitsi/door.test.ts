import { describe, expect, test, vi } from 'vitest';
import { collectReports } from '../../session-stage.ts';
import { setUp } from './jitsi-stage.ts';

const hour = 3_600_000;

describe('a room with a password', () => {
  test('waits for the person for as long as that takes, and is joined then', async () => {
    const { session, server, pass, states } = setUp({ session: { joinTimeoutMs: 10_000 } });
    server.login = () => 'password';
    const joined = session.join('standup');
    await pass(40_000);
    expect(states()).toEqual(['connecting', 'waiting(password)']);
    expect(server.frame.commands).toEqual([]);
    server.frame.enter();
    await joined;
    expect(session.state).toBe('connected');
  });

  test('is joined with the password of the options, also by a new frame', async () => {
    const { join, server, pass, states } = setUp({ adapter: { password: 'secret' } });
    server.login = () => 'password';
    await join();
    expect(server.frame.commands).toEqual([['password', 'secret']]);
    server.frame.fail('conference.iceFailed', { isFatal: true });
    await pass(3_000);
    expect(server.frame.commands).toEqual([['password', 'secret']]);
    expect(states().at(-1)).toBe('connected');
  });

  test('is not given a wrong password twice, and waits for the person then', async () => {
    const password = vi.fn(async () => 'wrong');
    const { session, server, pass, states } = setUp({ adapter: { password } });
    server.login = () => 'password';
    const joined = session.join('standup');
    await pass(hour / 10);
    expect(server.frame.commands).toEqual([['password', 'wrong']]);
    expect(password.mock.calls).toEqual([['standup'], ['standup']]);
    expect(states()).toEqual(['connecting', 'waiting(password)']);
    server.frame.enter();
    await joined;
  });

  test('asks the function of the options again after a wrong password', async () => {
    const answers = ['wrong', 'secret'];
    const { join, server } = setUp({ adapter: { password: () => answers.shift() } });
    server.login = () => 'password';
    await join();
    expect(server.frame.commands).toEqual([
      ['password', 'wrong'],
      ['password', 'secret'],
    ]);
  });

  test('waits for the person where the function knows none, or throws', async () => {
    const reported = collectReports();
    const answers = [() => undefined, () => Promise.reject(new Error('No password.'))];
    for (const password of answers) {
      const { session, server, pass, states } = setUp({ adapter: { password } });
      server.login = () => 'password';
      session.join('standup').catch(() => {});
      await pass(60_000);
      expect(states()).toEqual(['connecting', 'waiting(password)']);
      await session.leave();
    }
    expect(reported).toEqual([new Error('No password.')]);
  });

  test('does not ask the endpoint for the token of a guest, whom it does not help', async () => {
    const { session, server, pass, asked, source } = setUp();
    source.answer = () => null;
    server.login = () => 'password';
    session.join('standup').catch(() => {});
    await pass(60_000);
    expect(asked).toEqual(['join']);
    await session.leave();
  });
});

describe('a prejoin page', () => {
  test('waits for the person, however long the join may take', async () => {
    const { session, server, pass, states } = setUp({
      session: { joinTimeoutMs: 10_000 },
      adapter: { configOverwrite: { prejoinConfig: { enabled: true } } },
    });
    server.login = () => 'prejoin';
    const joined = session.join('standup');
    await pass(90_000);
    expect(states()).toEqual(['connecting', 'waiting(prejoin)']);
    server.frame.enter();
    await joined;
    expect(states()).toEqual(['connecting', 'waiting(prejoin)', 'connected']);
  });

  test('whose token is over when the person presses its button is replaced, without that page', async () => {
    const { session, server, pass } = setUp({
      adapter: { configOverwrite: { prejoinConfig: { enabled: true } } },
    });
    server.login = () => 'prejoin';
    const joined = session.join('standup');
    await pass(30_000);
    server.login = () => 'in';
    server.frame.refuse();
    await pass(2_000);
    await joined;
    expect(server.frames).toHaveLength(2);
    expect(server.frame.options.configOverwrite).toMatchObject({ prejoinConfig: { enabled: false } });
  });

  test('before a lobby is told as what the person waits for', async () => {
    const { session, server, pass, states } = setUp({ adapter: { autoKnock: false } });
    server.login = () => 'lobby';
    session.join('standup').catch(() => {});
    await pass(hour);
    // The lobby's form is told as a prejoin page, too.
    expect(states()).toEqual(['connecting', 'waiting(lobby)']);
    await session.leave();
  });
});
