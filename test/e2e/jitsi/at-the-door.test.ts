import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { counted, eventsOf, pause, type Stage, until } from '../harness.ts';
import type { MeetingPage } from '../pages/meeting.ts';
import type { MeetingByHandPage } from '../pages/meeting-by-hand.ts';
import {
  framesOf,
  inMeeting,
  meetingPage,
  onStage,
  othersOf,
  room,
  startMeeting,
  statesOf,
  validJoinsOf,
} from './meetings.ts';

const lastState = async (page: Page) => (await statesOf(page)).at(-1);
const inFrame = (page: Page) => page.frameLocator('iframe');

describe.concurrent('a page that waits for its person', () => {
  test('for the password is in when it is typed after 40 s, although a join may take 30 s', () =>
    onStage({ jitsi: { password: 'open sesame' } }, async (stage) => {
      const ann = await meetingPage(stage);
      await startMeeting(ann, { identity: 'ann', joinTimeoutMs: 30_000 });
      await until('ann waits', async () => (await lastState(ann)) === 'waiting(password)');
      await pause(40_000);
      await inFrame(ann).getByLabel('Password').fill('sesame');
      await inFrame(ann).getByRole('button', { name: 'Join' }).click();
      await pause(500);
      expect(await statesOf(ann)).toEqual(['connecting', 'waiting(password)']);
      await inFrame(ann).getByLabel('Password').fill('open sesame');
      await inFrame(ann).getByRole('button', { name: 'Join' }).click();
      await until('ann is in', async () => (await lastState(ann)) === 'connected');
      expect(await framesOf(ann)).toEqual({ frames: 1, loads: 1 });
    }));

  test('for the password that the app knows is in without a click, with a new frame too', () =>
    onStage({ jitsi: { password: 'open sesame' } }, async (stage) => {
      const ann = await inMeeting(stage, { identity: 'ann', adapter: { password: 'open sesame' } });
      stage.server.jitsi.fail('conference.iceFailed', { identity: 'ann' });
      await until('there is a new frame', async () => (await framesOf(ann)).frames === 2);
      await until('ann is in again', async () => (await lastState(ann)) === 'connected');
    }));

  test('before the meeting is in when that person joins after 15 s, although a join may take 10 s', () =>
    onStage({ tokenLifetimeS: 12 }, async (stage) => {
      const ann = await meetingPage(stage);
      const adapter = { configOverwrite: { prejoinConfig: { enabled: true } } };
      await startMeeting(ann, { identity: 'ann', adapter, joinTimeoutMs: 10_000 });
      await until('ann waits', async () => (await lastState(ann)) === 'waiting(prejoin)');
      await pause(15_000);
      await inFrame(ann).getByRole('button', { name: 'Join' }).click();
      // The token of the frame is over by then, so that another one takes its place.
      await until('ann is in', async () => (await lastState(ann)) === 'connected');
      expect(await framesOf(ann)).toEqual({ frames: 2, loads: 2 });
    }));

  test("at the lobby's form waits for as long as that takes, and for the moderator then", () =>
    onStage({ jitsi: { lobby: true } }, async (stage) => {
      await inMeeting(stage, { identity: 'host', role: 'moderator' });
      const ann = await meetingPage(stage);
      await startMeeting(ann, { identity: 'ann', adapter: { autoKnock: false }, joinTimeoutMs: 8_000 });
      await pause(12_000);
      expect(await statesOf(ann)).toEqual(['connecting', 'waiting(lobby)']);
      expect(stage.server.jitsi.admit()).toBe(0);
      await inFrame(ann).getByRole('button', { name: 'Ask to Join' }).click();
      await until('the host admits', () => stage.server.jitsi.admit() === 1);
      await until('ann is in', async () => (await lastState(ann)) === 'connected');
    }));
});

/** A moderator's frame is replaced while a lobby is on. */
async function replaceModerator(stage: Stage): Promise<Page> {
  const host = await inMeeting(stage, { identity: 'host', role: 'moderator' });
  const second = await inMeeting(stage, { identity: 'second', role: 'moderator' });
  await host.evaluate(() => {
    const { session, events } = window as unknown as MeetingPage;
    session?.vendor?.addListener('knockingParticipant', () => events.push({ name: 'knock' }));
  });
  stage.server.jitsi.fail('conference.iceFailed', { identity: 'second' });
  await until('there is a new frame', async () => (await framesOf(second)).frames === 2);
  return second;
}

test('a moderator who is re-created is let in past the lobby by the token, or knocks like the others where it is not', () =>
  onStage({ jitsi: { lobby: true } }, async (stage) => {
    const second = await replaceModerator(stage);
    await until('the moderator is in again', async () => (await lastState(second)) === 'connected');
    await until('the first one sees it', async () => (await othersOf(second)).join() === 'host');
    stage.server.settings.jitsi.lobbyForAll = true;
    stage.server.jitsi.fail('conference.iceFailed', { identity: 'second' });
    await until('the moderator knocks', async () => (await lastState(second)) === 'waiting(lobby)');
    await until('it is admitted', () => stage.server.jitsi.admit() === 1);
    await until('the moderator is in once more', async () => (await lastState(second)) === 'connected');
  }));

describe.concurrent('a server that is away for 30 s', () => {
  test('is joined again within 5 s of its return', () =>
    onStage({ tokenLifetimeS: 600, jitsi: { resumeAfterMs: 500 } }, async (stage) => {
      const ann = await inMeeting(stage, { identity: 'ann' });
      const before = await counted(ann);
      stage.server.jitsi.goAway();
      await until('it is noticed', async () => (await lastState(ann)) === 'reconnecting');
      await pause(30_000);
      expect(await lastState(ann)).toBe('reconnecting');
      stage.server.jitsi.comeBack();
      const since = stage.server.log.last;
      await until('ann is in again', () => validJoinsOf(stage, 'ann', since).length > 0, 5_000);
      await until('it is told', async () => (await lastState(ann)) === 'connected');
      expect((await counted(ann)).elements).toBe(before.elements);
    }));

  test('is not joined again by hand', () =>
    onStage(
      { tokenLifetimeS: 12, jitsi: { resumeAfterMs: 500, reloadAfterMs: 10_000 } },
      async (stage) => {
        const ann = await meetingPage(stage);
        await ann.evaluate((name) => (window as unknown as MeetingByHandPage).meetByHand(name, 'ann'), room);
        stage.server.jitsi.goAway();
        await pause(30_000);
        stage.server.jitsi.comeBack();
        const since = stage.server.log.last;
        await pause(5_000);
        expect(validJoinsOf(stage, 'ann', since)).toEqual([]);
      },
      { leaky: true },
    ));
});

test('a deployment without a bridge is told after the second time, and nothing flaps', () =>
  onStage({ jitsi: { bridge: false } }, async (stage) => {
    await inMeeting(stage, { identity: 'bob' });
    const ann = await meetingPage(stage);
    await startMeeting(ann, { identity: 'ann' });
    await until('it is over', async () => (await lastState(ann)) === 'disconnected(ended)');
    expect((await framesOf(ann)).frames).toBe(2);
    const { error } = (await eventsOf(ann, 'stateChanged')).at(-1) ?? {};
    expect(error).toContain('JVB');
    await pause(2_000);
    expect((await framesOf(ann)).frames).toBe(2);
  }));

test("one's own ghost, which the others see until the server ends it, is no participant", () =>
  onStage({ jitsi: { ghosts: true, sessionHoldMs: 6_000 } }, async (stage) => {
    const ann = await inMeeting(stage, { identity: 'ann' });
    const bob = await inMeeting(stage, { identity: 'bob' });
    await until('they are together', async () => (await othersOf(bob)).join() === 'ann');
    stage.server.jitsi.fail('conference.iceFailed', { identity: 'ann' });
    await until('bob sees two', async () => (await othersOf(bob)).join() === 'ann,ann');
    await until('ann is in again', async () => (await lastState(ann)) === 'connected');
    await pause(1_000);
    expect(await othersOf(ann)).toEqual(['bob']);
    await until('bob sees one', async () => (await othersOf(bob)).join() === 'ann', 10_000);
  }));
