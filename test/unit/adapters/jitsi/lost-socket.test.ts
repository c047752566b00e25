import { describe, expect, test } from 'vitest';
import { TokenError } from '../../../../src/index.ts';
import { type Stage, type StageOptions, setUp } from './jitsi-stage.ts';

/** In the meeting with Bob, muted, and the token has ended. */
async function withBob(options: StageOptions = {}, prepare = (_stage: Stage): void => {}): Promise<Stage> {
  const stage = setUp(options);
  stage.server.others.set('bob', 'Bob');
  prepare(stage);
  await stage.join();
  await stage.session.setMicrophone(false);
  await stage.pass(30_000);
  expect(stage.server.frames).toHaveLength(1);
  return stage;
}

const isReplaced = ({ server, states }: Stage) => {
  expect(server.frames).toHaveLength(2);
  expect(server.open).toEqual([server.frame]);
  expect(server.frame.muted).toEqual({ audio: true, video: false });
  expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
};

/** The local clock is an hour fast. The page goes by it, and the server does not. */
const hourFast: StageOptions = { aheadMs: -3_600_000, lifeS: 600 };

describe.each<[what: string, options: StageOptions]>([
  ['after the end of its token', {}],
  ['with a good token and a clock that is an hour fast', hourFast],
])('a socket that is lost %s', (_what, options) => {
  test.each([
    ['the other person ends the P2P call', 'p2p', true],
    ['the other person ends the P2P call of an older page', 'p2p', false],
    ['the bridge closes its channel', 'bridge', true],
    ['the bridge closes the channel of an older page', 'bridge', false],
    ['its media end, and nothing is said', 'neither', true],
  ] as const)('is noticed within 90 s when %s', async (_how, media, hasStats) => {
    const stage = await withBob(options, ({ server }) => {
      server.hasStats = hasStats;
    });
    stage.server.frame.strand(media);
    await stage.pass(60_000);
    expect(stage.server.frames).toHaveLength(1);
    await stage.pass(30_000);
    isReplaced(stage);
    await stage.pass(600_000);
    expect(stage.server.frames).toHaveLength(2);
  });

  test('is noticed within 5 s when the page offers to log in', async () => {
    const stage = await withBob(options);
    stage.server.frame.strand();
    const description = 'dialog.loginOnResume';
    stage.server.frame.say('notificationTriggered', { title: 'dialog.login', description });
    await stage.pass(5_000);
    isReplaced(stage);
  });
});

describe('a call whose token has ended keeps its frame', () => {
  test.each<[what: string, act: (stage: Stage) => unknown]>([
    [
      'a third person ends the P2P call',
      async ({ server, pass }) => {
        server.join('cleo');
        await pass(4_000);
        server.frame.say('p2pStatusChanged', { isP2p: false });
      },
    ],
    [
      'a person who leaves ends the P2P call first',
      async ({ server, pass }) => {
        server.frame.say('p2pStatusChanged', { isP2p: false });
        await pass(500);
        server.leave('bob');
      },
    ],
    [
      'the bridge opens its channel again',
      async ({ server, pass }) => {
        server.frame.say('dataChannelClosed', { code: 1006 });
        await pass(2_000);
        server.frame.say('dataChannelOpened');
      },
    ],
    [
      'media go on over the bridge',
      ({ server }) => {
        server.frame.say('p2pStatusChanged', { isP2p: false });
      },
    ],
    [
      'media are away for a moment',
      async ({ server, pass }) => {
        server.frame.hasMedia = false;
        await pass(5_000);
        server.frame.hasMedia = true;
      },
    ],
    [
      'the last other person leaves',
      async ({ server, pass }) => {
        server.leave('bob');
        await pass(100);
        server.frame.say('p2pStatusChanged', { isP2p: false });
      },
    ],
  ])('when %s, for an hour', async (_what, act) => {
    const stage = await withBob();
    const { server, pass, states } = stage;
    for (let minute = 0; minute < 60; minute++) {
      await act(stage);
      await pass(30_000);
      for (const id of [...server.others.keys()]) server.leave(id);
      await pass(15_000);
      server.join('bob');
      server.frame.say('p2pStatusChanged', { isP2p: true });
      await pass(15_000);
    }
    expect(server.frames).toHaveLength(1);
    expect(states()).toEqual(['connecting', 'connected']);
  });

  test('when there were never media, as where the meeting has no bridge', async () => {
    const { server, pass } = await withBob({}, ({ server: meet, session }) => {
      session.on('stateChanged', () => {
        if (meet.frames.length > 0) meet.frame.hasMedia = false;
      });
    });
    await pass(600_000);
    expect(server.frames).toHaveLength(1);
  });
});

test('hints say nothing while the token lives by both clocks', async () => {
  const { server, pass } = await withBob({ lifeS: 3_600 });
  server.frame.strand('p2p');
  await pass(120_000);
  expect(server.frames).toHaveLength(1);
});

test('who may not come back is told', async () => {
  const stage = await withBob();
  const { server, source, pass, states } = stage;
  source.answer = () => Promise.reject(new TokenError('token_denied', 'No.'));
  server.frame.strand('p2p');
  await pass(90_000);
  expect(states().slice(-2)).toEqual(['reconnecting', 'disconnected(denied)']);
});
