import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import type { SettingsPatch } from '../../../dev/server/settings.ts';
import { pause, type Stage, until } from '../harness.ts';
import type { MeetingPage } from '../pages/meeting.ts';
import type { MeetingByHandPage } from '../pages/meeting-by-hand.ts';
import {
  framesOf,
  inMeeting,
  meetingPage,
  onStage,
  othersOf,
  room,
  statesOf,
  validJoinsOf,
} from './meetings.ts';

/** The server takes a session out 5 s after its socket was lost, in place of 60 s. */
const sessionHoldMs = 5_000;

/** What is true of the page, the server and the time when the socket is lost. */
const situations: [what: string, settings: SettingsPatch, aheadMs: number, afterMs: number][] = [
  ['after the end of its token', { tokenLifetimeS: 12, jitsi: { sessionHoldMs } }, 0, 14_000],
  ['with a clock an hour fast', { tokenLifetimeS: 600, jitsi: { sessionHoldMs } }, 3_600_000, 2_000],
];

const isMuted = (page: Page) =>
  page.evaluate(() => (window as unknown as MeetingPage).session?.vendor?.isAudioMuted());

/** Ann and Bob are in the meeting, Ann is muted, and her socket is lost; resolves when she is back. */
async function loseSocket(stage: Stage, aheadMs: number, afterMs: number, limitMs: number): Promise<void> {
  const ann = await inMeeting(stage, { identity: 'ann' }, aheadMs);
  const bob = await inMeeting(stage, { identity: 'bob' });
  await ann.evaluate(() => (window as unknown as MeetingPage).session?.setMicrophone(false));
  await pause(afterMs);
  const before = stage.server.log.last;
  expect(stage.server.jitsi.drop({ identity: 'ann' })).toBe(1);
  await until('ann is in again', () => validJoinsOf(stage, 'ann', before).length > 0, limitMs);
  await until(
    'it is told',
    async () => (await statesOf(ann)).join() === 'connecting,connected,reconnecting,connected',
  );
  await until('bob sees her', async () => (await othersOf(bob)).join() === 'ann');
  expect(await isMuted(ann)).toBe(true);
  expect((await framesOf(ann)).frames).toBe(2);
}

test.each(situations)(
  'a socket that is lost %s is noticed within 5 s where there is tokenAuthUrl',
  (_what, settings, aheadMs, afterMs) => {
    const tokenAuthUrl = 'https://login.example/';
    return onStage({ ...settings, jitsi: { sessionHoldMs, tokenAuthUrl } }, (stage) =>
      loseSocket(stage, aheadMs, afterMs, 5_000),
    );
  },
);

describe.each(situations)('a socket that is lost %s', (_what, settings, aheadMs, afterMs) => {
  test.concurrent('is noticed by hints alone', () =>
    onStage(settings, (stage) => loseSocket(stage, aheadMs, afterMs, sessionHoldMs + 28_000)));

  test.concurrent('is not noticed by hand, with the token given once', () =>
    onStage(
      settings,
      async (stage) => {
        const ann = await meetingPage(stage, aheadMs);
        await ann.evaluate(
          (roomName) => (window as unknown as MeetingByHandPage).meetByHand(roomName, 'ann'),
          room,
        );
        await inMeeting(stage, { identity: 'bob' });
        await pause(afterMs);
        const before = stage.server.log.last;
        stage.server.jitsi.drop({ identity: 'ann' });
        await pause(sessionHoldMs + 28_000);
        expect(validJoinsOf(stage, 'ann', before)).toEqual([]);
      },
      { leaky: true },
    ));
});

test('a meeting of three lives of its token, with people who come and go, is one frame', () =>
  onStage({ tokenLifetimeS: 12, jitsi: { sessionHoldMs } }, async (stage) => {
    const ann = await inMeeting(stage, { identity: 'ann' });
    for (let visit = 0; visit < 3; visit++) {
      const bob = await inMeeting(stage, { identity: 'bob' });
      const cleo = await inMeeting(stage, { identity: 'cleo' });
      await pause(4_000);
      await cleo.evaluate(() => (window as unknown as MeetingPage).session?.leave());
      await pause(4_000);
      await bob.close();
      await pause(4_000);
    }
    expect(await framesOf(ann)).toEqual({ frames: 1, loads: 1 });
    expect(await statesOf(ann)).toEqual(['connecting', 'connected']);
  }));
