import { describe, expect, test } from 'vitest';
import type { SettingsPatch } from '../../../dev/server/settings.ts';
import { eventsOf, freeze, pause, type Stage, until } from '../harness.ts';
import type { MeetingPage } from '../pages/meeting.ts';
import type { MeetingByHandPage } from '../pages/meeting-by-hand.ts';
import {
  framesOf,
  inMeeting,
  loginsOf,
  meetingPage,
  onStage,
  othersOf,
  room,
  statesOf,
  validJoinsOf,
} from './meetings.ts';

const tokenLifetimeS = 12;
const untilExpired = () => pause((tokenLifetimeS + 2) * 1_000);

/** What makes a meeting's page log in again with the token it was opened with. */
const triggers: [what: string, pull: (stage: Stage) => unknown, resumption?: 'old'][] = [
  [
    'its token is refused when the page logs in again',
    ({ server }) => server.jitsi.drop({ identity: 'ann' }),
    'old',
  ],
  [
    'its page tells a fatal error',
    ({ server }) => server.jitsi.fail('conference.iceFailed', { identity: 'ann' }),
  ],
  ['its page loads itself again', ({ server }) => server.jitsi.reload({ identity: 'ann' })],
  ['its page asks to log in again', ({ server }) => server.jitsi.notify({ identity: 'ann' })],
  ['its machine woke up', ({ server }) => server.jitsi.suspend({ identity: 'ann' })],
];

describe.concurrent('a meeting with tokens of 12 s', () => {
  test('of 60 s is one frame that never loads again, with a fresh token in hand at its end', () =>
    onStage({ tokenLifetimeS }, async (stage) => {
      const ann = await inMeeting(stage, { identity: 'ann' });
      const bob = await inMeeting(stage, { identity: 'bob' });
      await pause(60_000);
      for (const page of [ann, bob]) {
        expect(await framesOf(page)).toEqual({ frames: 1, loads: 1 });
        expect(await statesOf(page)).toEqual(['connecting', 'connected']);
        const { expiresAt } = (await eventsOf(page, 'tokenRefreshed')).at(-1) as { expiresAt: number };
        expect(expiresAt).toBeGreaterThan(Date.now());
      }
      expect(loginsOf(stage, 'ann')).toHaveLength(1);
      expect(await othersOf(ann)).toEqual(['bob']);
    }));

  test.each(triggers)(
    'is entered again by itself within 10 s, muted as before, when %s',
    (_what, pull, resumption) =>
      onStage(
        { tokenLifetimeS, jitsi: { sessionHoldMs: 3_000, ...(resumption && { resumption }) } },
        async (stage) => {
          const ann = await inMeeting(stage, { identity: 'ann' });
          const bob = await inMeeting(stage, { identity: 'bob' });
          await ann.evaluate(() => (window as unknown as MeetingPage).session?.setMicrophone(false));
          await untilExpired();
          const before = stage.server.log.last;
          await pull(stage);
          const joins = () => validJoinsOf(stage, 'ann', before);
          await until('ann is in the meeting again', () => joins().length > 0, 10_000);
          await until(
            'it is told',
            async () => (await statesOf(ann)).join() === 'connecting,connected,reconnecting,connected',
          );
          expect(
            await ann.evaluate(() => (window as unknown as MeetingPage).session?.vendor?.isAudioMuted()),
          ).toBe(true);
          await until('they are together', async () => (await othersOf(ann)).join() === 'bob');
          await until('bob has seen it', async () => (await othersOf(bob)).join() === 'ann');
          const { frames } = await framesOf(ann);
          expect(frames).toBe(2);
        },
      ),
  );

  test('is entered again within 10 s of being back online', () =>
    onStage({ tokenLifetimeS }, async (stage) => {
      const ann = await inMeeting(stage, { identity: 'ann' });
      await ann.context().setOffline(true);
      stage.server.jitsi.drop({ identity: 'ann' });
      await untilExpired();
      const before = stage.server.log.last;
      await ann.context().setOffline(false);
      const joins = () => validJoinsOf(stage, 'ann', before);
      await until('ann is in the meeting again', () => joins().length > 0, 10_000);
      await until('it is told', async () => (await statesOf(ann)).at(-1) === 'connected');
    }));

  test('is entered again within 10 s of waking, where the page slept for longer than its token lives', () =>
    onStage({ tokenLifetimeS }, async (stage) => {
      const ann = await inMeeting(stage, { identity: 'ann' });
      const thaw = await freeze(ann);
      stage.server.jitsi.drop({ identity: 'ann' });
      await untilExpired();
      const before = stage.server.log.last;
      await thaw();
      const joins = () => validJoinsOf(stage, 'ann', before);
      await until('ann is in the meeting again', () => joins().length > 0, 10_000);
      await until('it is told', async () => (await statesOf(ann)).at(-1) === 'connected');
    }));

  test.each<[string, (stage: Stage) => unknown, SettingsPatch['jitsi']]>([
    [
      'its token is refused when the page logs in again',
      ({ server }) => server.jitsi.drop(),
      { resumption: 'old' },
    ],
    [
      'its page tells a fatal error',
      ({ server }) => server.jitsi.fail('conference.iceFailed'),
      { reloadAfterMs: 1_000 },
    ],
    ['its page loads itself again', ({ server }) => server.jitsi.reload(), {}],
    [
      'its socket is lost, and nothing is told',
      ({ server }) => server.jitsi.drop(),
      { sessionHoldMs: 3_000 },
    ],
  ])('by hand, the token given once, stays without its meeting when %s', (_what, pull, jitsi) =>
    onStage(
      { tokenLifetimeS, jitsi: { sessionHoldMs: 3_000, ...jitsi } },
      async (stage) => {
        const ann = await meetingPage(stage);
        await ann.evaluate(
          (roomName) => (window as unknown as MeetingByHandPage).meetByHand(roomName, 'ann'),
          room,
        );
        expect(validJoinsOf(stage, 'ann')).toHaveLength(1);
        await untilExpired();
        const before = stage.server.log.last;
        await pull(stage);
        await pause(12_000);
        expect(validJoinsOf(stage, 'ann', before)).toEqual([]);
        expect(stage.server.jitsi.rooms().flatMap(({ participants }) => participants)).toEqual([]);
      },
      { leaky: true },
    ),
  );
});
