import { expect, test } from 'vitest';
import { pause, until } from '../harness.ts';
import type { MeetingPage } from '../pages/meeting.ts';
import type { MeetingByHandPage } from '../pages/meeting-by-hand.ts';
import { inMeeting, meetingPage, onStage, othersOf, room, statesOf, validJoinsOf } from './meetings.ts';

/** Runs in the page: the app puts the meeting's box, or a frame without one, behind something else. */
function moveBox(): void {
  const frame = document.querySelector('iframe');
  const box = frame?.parentElement === document.body ? frame : frame?.parentElement;
  document.body.append(document.createElement('hr'));
  if (box) document.body.append(box);
}

test.each([
  ['while its token lives', 3_000],
  ['after the end of its token', 14_000],
])('a frame that is moved in the page %s is replaced within 10 s, muted as before', (_what, afterMs) =>
  onStage({ tokenLifetimeS: 12, jitsi: { sessionHoldMs: 2_000 } }, async (stage) => {
    const bob = await inMeeting(stage, { identity: 'bob' });
    const ann = await inMeeting(stage, { identity: 'ann' });
    await ann.evaluate(() => (window as unknown as MeetingPage).session?.setMicrophone(false));
    await pause(afterMs);
    const before = stage.server.log.last;
    await ann.evaluate(moveBox);
    await until('ann is in again', () => validJoinsOf(stage, 'ann', before).length > 0, 10_000);
    await until('it is told', async () => (await statesOf(ann)).at(-1) === 'connected', 10_000);
    await until('they are together', async () => (await othersOf(ann)).join() === 'bob');
    await until('bob has one ann', async () => (await othersOf(bob)).join() === 'ann');
    const isMuted = () => (window as unknown as MeetingPage).session?.vendor?.isAudioMuted();
    expect(await ann.evaluate(isMuted)).toBe(true);
  }),
);

test('by hand, a frame that is moved after the end of its token is out', () =>
  onStage(
    { tokenLifetimeS: 12, jitsi: { sessionHoldMs: 2_000 } },
    async (stage) => {
      const ann = await meetingPage(stage);
      await ann.evaluate((name) => (window as unknown as MeetingByHandPage).meetByHand(name, 'ann'), room);
      await pause(14_000);
      const before = stage.server.log.last;
      await ann.evaluate(moveBox);
      await pause(10_000);
      expect(validJoinsOf(stage, 'ann', before)).toEqual([]);
    },
    { leaky: true },
  ));
