import { describe, expect, test } from 'vitest';
import { TokenError } from '../../../../src/index.ts';
import { collectReports, outcome } from '../../session-stage.ts';
import { setUp } from './jitsi-stage.ts';

/** Prosody: no leeway, and at a login only. */
const byExpiry = (stage: ReturnType<typeof setUp>) => {
  stage.server.login = () => (stage.lifeLeft() > 0 ? 'in' : 'refused');
};

describe('a token that is refused', () => {
  test('is replaced by a new one in a new frame', async () => {
    const { join, server, issued, asked, states, failures } = setUp();
    server.login = (jwt) => (jwt === issued[0] ? 'refused' : 'in');
    await expect(join()).resolves.toBeUndefined();
    expect(server.frames.map(({ options }) => options.jwt)).toEqual(issued);
    expect(asked).toEqual(['join', 'rejected']);
    expect(server.open).toHaveLength(1);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(failures).toMatchObject([{ vendorCode: 'connection.passwordRequired' }]);
    expect(failures[0]?.message).toContain('Not acceptable by exp');
  });

  test('twice is denied, after one re-creation, with nothing left', async () => {
    const { join, server, open, changes } = setUp();
    server.login = () => 'refused';
    const error = await join().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'connect_denied', vendorCode: 'connection.passwordRequired' });
    expect(error.message).toContain('Not acceptable by exp');
    expect(server.frames).toHaveLength(2);
    expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'denied', error });
    expect(open()).toEqual([]);
  });

  test('is read in the documented flat shape, too', async () => {
    const { session, server, pass } = setUp();
    server.login = () => 'silent';
    const join = session.join('standup');
    await pass(0);
    server.login = () => 'in';
    server.frame.say('errorOccurred', {
      name: 'connection.passwordRequired',
      type: 'CONNECTION',
      isFatal: false,
    });
    await pass(1_000);
    await join;
    expect(server.frames).toHaveLength(2);
  });

  test('in the middle of a call is replaced, and a second time later, too', async () => {
    const { join, server, pass, states } = setUp();
    await join();
    for (const made of [2, 3]) {
      server.frame.refuse();
      await pass(5_000);
      expect(server.frames).toHaveLength(made);
      expect(server.open).toEqual([server.frame]);
    }
    expect(states()).toEqual([
      'connecting',
      'connected',
      'reconnecting',
      'connected',
      'reconnecting',
      'connected',
    ]);
  });

  test('without a token is asked for, and denied where there is none', async () => {
    const { join, server, source, asked } = setUp();
    source.answer = () => null;
    server.login = () => 'refused';
    await expect(join()).rejects.toMatchObject({ code: 'connect_denied' });
    expect(asked).toEqual(['join', 'join']);
    expect(server.frames).toHaveLength(1);
  });

  test('without a token is joined with, where the source has one then', async () => {
    const { join, server, source, issue, issued } = setUp();
    const answers = [null];
    source.answer = () => (answers.length > 0 ? (answers.pop() as null) : issue());
    server.login = (jwt) => (jwt ? 'in' : 'refused');
    await join();
    expect(server.frames.map(({ options }) => options.jwt)).toEqual([undefined, issued[0]]);
  });
});

test('a refusal of a guest is not a token’s: the first token that follows may be refused, too', async () => {
  const { session, server, source, issue, issued, pass } = setUp();
  const answers = [null];
  source.answer = () => (answers.length > 0 ? (answers.pop() as null) : issue());
  server.login = (jwt) => (jwt && jwt !== issued[0] ? 'in' : 'refused');
  const joined = session.join('standup');
  await pass(2_000);
  await joined;
  expect(server.frames.map(({ options }) => options.jwt)).toEqual([undefined, ...issued]);
});

describe('a token that ends', () => {
  test('leaves a healthy call alone, and a fresh one is at hand', async () => {
    const stage = setUp();
    byExpiry(stage);
    const { join, server, session, pass, issued, states } = stage;
    await join();
    await pass(60_000);
    expect(server.frames).toHaveLength(1);
    expect(server.frame.commands).toEqual([]);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(issued.length).toBeGreaterThan(4);
    expect(session.vendor).toBe(server.frame);
  });

  type Trigger = (stage: ReturnType<typeof setUp>) => unknown;
  const triggers: [what: string, trigger: Trigger][] = [
    ['is refused', ({ server }) => server.frame.refuse()],
    ['the page fails', ({ server }) => server.frame.fail('connection.droppedError', { isFatal: true })],
    ['the page loads itself again', ({ server }) => server.frame.load()],
    [
      'the page offers a login on resume',
      ({ server }) =>
        server.frame.say('notificationTriggered', {
          title: 'dialog.login',
          description: 'dialog.loginOnResume',
        }),
    ],
    ['the network is back', ({ clock }) => clock.wake('online')],
    ['the machine is awake', ({ clock }) => clock.wake('slept')],
    ['the page notices that it slept', ({ server }) => server.frame.say('suspendDetected')],
    ['the page is moved to another shard', ({ server }) => server.frame.fail('connection.shardChangedError')],
    [
      'the page enters its room again',
      ({ server }) =>
        server.frame.fail('conference.destroyed', { params: ['', 'standup@conference.meet.example.org'] }),
    ],
  ];

  test.each(triggers)('is replaced in a new frame within 10 s when %s', async (_what, trigger) => {
    const stage = setUp();
    byExpiry(stage);
    const { join, server, pass, lifeLeft, states, open } = stage;
    await join();
    await pass(30_000);
    expect(lifeLeft()).toBeLessThan(0);
    await trigger(stage);
    await pass(1_000);
    expect(lifeLeft()).toBeGreaterThan(0);
    await pass(4_000);
    expect(server.frames).toHaveLength(2);
    expect(server.open).toEqual([server.frame]);
    expect(server.frame.inRoom).toBe(true);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    await pass(60_000);
    expect(server.frames).toHaveLength(2);
    await stage.session.leave();
    expect(open()).toEqual([]);
  });

  test.each(triggers.slice(3))('while it lives, stays when %s', async (_what, trigger) => {
    const stage = setUp({ lifeS: 3_600 });
    const { join, server, pass, states } = stage;
    await join();
    await trigger(stage);
    await pass(10_000);
    expect(server.frames).toHaveLength(1);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('stays when the page is shown again', async () => {
    const { join, server, clock, pass } = setUp();
    await join();
    await pass(30_000);
    await clock.wake('visible');
    await pass(5_000);
    expect(server.frames).toHaveLength(1);
  });

  test.each([
    ['an hour slow', 3_600_000, 30_000, 2],
    ['an hour fast', -3_600_000, 3_000, 1],
  ])('is known to have by a local clock that is %s', async (_what, aheadMs, afterMs, frames) => {
    const stage = setUp({ aheadMs });
    byExpiry(stage);
    const { join, server, clock, pass } = stage;
    await join();
    await pass(afterMs);
    await clock.wake('online');
    await pass(2_000);
    expect(server.frames).toHaveLength(frames);
  });

  test('leaves the frame alone when another one is denied', async () => {
    const { join, server, source, clock, pass, session, issued } = setUp();
    await join();
    source.answer = () => Promise.reject(new TokenError('token_denied', 'No.'));
    await pass(30_000);
    await clock.wake('online');
    await pass(60_000);
    expect(issued).toHaveLength(1);
    expect(server.frames).toHaveLength(1);
    expect(session.state).toBe('connected');
    expect(session.vendor).toBe(server.frame);
  });

  test('leaves the frame alone while no other one can be had', async () => {
    const stage = setUp();
    const { join, server, source, clock, pass, session } = stage;
    await join();
    source.answer = () => Promise.reject(new Error('503'));
    await pass(30_000);
    await clock.wake('online');
    await pass(10_000);
    expect(server.frames).toHaveLength(1);
    expect(session.state).toBe('connected');
    source.answer = stage.issue;
    await pass(60_000);
    expect(server.frames).toHaveLength(2);
    expect(session.state).toBe('connected');
  });
});

describe('a page that loads itself again', () => {
  test('with a token that lives is left to it: reconnecting until it is in the room', async () => {
    const { join, server, pass, states } = setUp({ lifeS: 3_600 });
    await join();
    server.login = () => 'silent';
    server.frame.load();
    await pass(5_000);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting']);
    server.frame.enter();
    await pass(0);
    expect(server.frames).toHaveLength(1);
    expect(states().at(-1)).toBe('connected');
  });

  test('and does not come back is replaced', async () => {
    const { join, server, pass, states } = setUp({ lifeS: 3_600 });
    await join();
    server.login = () => 'silent';
    server.frame.load();
    await pass(59_000);
    server.login = () => 'in';
    await pass(2_000);
    expect(server.frames).toHaveLength(2);
    expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  });
});

describe('re-creation', () => {
  test('is bounded where each new frame fails as soon as it is in the room', async () => {
    const { join, server, pass } = setUp();
    await join();
    server.login = () => {
      const { frame } = server;
      queueMicrotask(() => {
        frame.enter();
        frame.fail('conference.iceFailed', { isFatal: true });
      });
      return 'silent';
    };
    server.frame.fail('conference.iceFailed', { isFatal: true });
    await pass(60_000);
    const first = server.frames.length;
    expect(first).toBeLessThanOrEqual(14);
    await pass(60_000);
    expect(server.frames.length - first).toBeLessThanOrEqual(12);
  });

  test('follows a frame that cannot be asked for its devices, nor disposed of', async () => {
    const reports = collectReports();
    const { join, server, pass, states } = setUp({ lifeS: 3_600 });
    await join();
    const { frame } = server;
    frame.getCurrentDevices = () => {
      throw new Error('An older page.');
    };
    frame.dispose = () => {
      throw new Error('Oops.');
    };
    frame.fail('connection.droppedError', { isFatal: true });
    await pass(2_000);
    expect(server.frames).toHaveLength(2);
    expect(states().at(-1)).toBe('connected');
    expect(reports).toHaveLength(1);
    Reflect.deleteProperty(frame, 'dispose');
    frame.dispose();
  });

  test('starts with short pauses again after a minute in the room', async () => {
    const { join, server, pass } = setUp();
    await join();
    for (let made = 2; made < 8; made++) {
      server.frame.fail('conference.iceFailed', { isFatal: true });
      await pass(11_000);
      expect(server.frames).toHaveLength(made);
    }
    await pass(61_000);
    server.frame.fail('conference.iceFailed', { isFatal: true });
    await pass(300);
    expect(server.frames).toHaveLength(8);
  });

  test('that does not succeed within the limit ends as lost', async () => {
    const { join, server, pass, changes, open } = setUp({ session: { reconnectLimitMs: 45_000 } });
    await join();
    server.loads = false;
    server.frame.fail('connection.droppedError', { isFatal: true });
    await pass(46_000);
    expect(changes.at(-1)).toMatchObject({ state: 'disconnected', reason: 'lost' });
    expect(open()).toEqual([]);
  });

  test('ends as denied where the token source denies it', async () => {
    const { join, server, pass, source, changes, open } = setUp();
    await join();
    source.answer = () => Promise.reject(new TokenError('token_denied', 'No.'));
    server.frame.refuse();
    // A denial during a stay is confirmed a minute later.
    await pass(70_000);
    expect(changes.at(-1)).toMatchObject({
      state: 'disconnected',
      reason: 'denied',
      error: { code: 'token_denied' },
    });
    expect(open()).toEqual([]);
  });

  test('is broken off by leaving, at each moment', async () => {
    for (const ms of [0, 100, 300, 400]) {
      const { join, server, session, pass, open } = setUp();
      await join();
      server.loads = ms !== 400;
      server.frame.fail('connection.droppedError', { isFatal: true });
      await pass(ms);
      const left = session.leave();
      await pass(5_000);
      await left;
      expect(open()).toEqual([]);
    }
  });
});

describe('a token for something else', () => {
  test.each([
    [{ room: 'other' }, 'standup', 'room'],
    [{ room: 'büro' }, 'Büro', 'room'],
    [{ room: 'team room' }, 'team room', 'room'],
    [{ room: 'standup', sub: 'vpaas-magic-cookie-other' }, 'standup', 'sub'],
  ])('%o is a mismatch before anything is sent', async (claims, room, claim) => {
    const { join, server } = setUp({
      claims,
      ...(claim === 'sub' && { adapter: { tenant: 'vpaas-magic-cookie-mine' } }),
    });
    await expect(join(room)).rejects.toMatchObject({ code: 'token_mismatch', claim });
    expect(server.frames).toEqual([]);
  });

  test.each([
    [{ room: '*' }, 'standup'],
    [{ room: 'STANDUP' }, 'StandUp'],
    [{ room: 'stand-.*', context: { room: { regex: true } } }, 'stand-up'],
    [{ room: 'stand-.*', context: { room: { regex: 'true' } } }, 'stand-up'],
    [{ room: 'b%c3%bcro' }, 'Büro'],
    [{ room: undefined }, 'standup'],
    [{ room: 'standup', sub: 'meet.example.org' }, 'standup'],
    [{ room: 'standup' }, 'tenant/standup'],
    [{ room: '*', sub: 'vpaas-magic-cookie-1' }, 'vpaas-magic-cookie-1/standup'],
  ])('%o is none for %s', async (claims, room) => {
    const { join } = setUp({ claims });
    await expect(join(room)).resolves.toBeUndefined();
  });

  test('that only the server knows is denied with its text, and not tried again', async () => {
    const { join, server, open } = setUp();
    server.login = () => 'not-allowed';
    const error = await join().catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'connect_denied',
      vendorCode: 'conference.connectionError.notAllowed',
    });
    expect(error.message).toContain('Room and token mismatched');
    expect(server.frames).toHaveLength(1);
    expect(open()).toEqual([]);
  });
});

test('a join that fails with a frame is over at once', async () => {
  const { session, server, pass } = setUp();
  server.login = () => 'not-allowed';
  server.leaves = false;
  const join = outcome(session.join('standup'));
  await pass(0);
  expect(join.done).toBe(true);
  expect(server.open).toEqual([]);
});
