import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SettingsPatch } from '../../../dev/server/settings.ts';
import { defaultSettings } from '../../../dev/server/settings.ts';
import { patchSettings } from '../../../dev/server/settings-patch.ts';
import { counted, eventsOf, pause, type Stage, startStage, until } from '../harness.ts';
import type { MeetingPage } from '../pages/meeting.ts';
import {
  framesOf,
  inMeeting,
  loginsOf,
  meetingPage,
  othersOf,
  room,
  startMeeting,
  statesOf,
  tryMeeting,
} from './meetings.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
beforeEach(() => {
  patch(defaultSettings());
  patch({ jitsi: { sessionHoldMs: 500 } });
});
afterEach(async () => {
  await stage.closePages();
  // A host who is gone without a word is still the host for as long as his session is kept.
  await until('nobody is left', () => stage.server.jitsi.open.sessions === 0);
});
afterAll(() => stage.close());
const patch = (settings: SettingsPatch) => patchSettings(stage.server.settings, settings);

describe('a guest', () => {
  test.each(['lobby', 'jicofo'] as const)(
    'waits for the host and is let in when the host comes, %s style',
    async (waitForHost) => {
      patch({ jitsi: { waitForHost } });
      const guest = await meetingPage(stage);
      await startMeeting(guest, { identity: 'guest', role: 'guest' });
      await until('the guest waits', async () => (await statesOf(guest)).at(-1) === 'waiting(host)');
      // The page says it again every 5 s.
      if (waitForHost === 'jicofo') await pause(6_000);
      const host = await inMeeting(stage, { identity: 'host', role: 'moderator' });
      await until('the guest is in', async () => (await statesOf(guest)).at(-1) === 'connected');
      expect(await statesOf(guest)).toEqual(['connecting', 'waiting(host)', 'connected']);
      await until('they are together', async () => (await othersOf(host)).join() === 'guest');
      expect(await framesOf(guest)).toEqual({ frames: 1, loads: 1 });
    },
  );

  test('knocks at the lobby once, without a click, and is admitted; so does a frame that takes its place', async () => {
    patch({ jitsi: { lobby: true } });
    const host = await inMeeting(stage, { identity: 'host', role: 'moderator' });
    await host.evaluate(() => {
      const { session, events } = window as unknown as MeetingPage;
      session?.vendor?.addListener('knockingParticipant', () => events.push({ name: 'knock' }));
    });
    const knocks = async () => (await eventsOf(host, 'knock')).length;
    const guest = await meetingPage(stage);
    await startMeeting(guest, { identity: 'guest', role: 'guest' });
    await until('the guest waits', async () => (await statesOf(guest)).at(-1) === 'waiting(lobby)');
    await until('the guest knocks', async () => (await knocks()) === 1);
    expect(stage.server.jitsi.admit()).toBe(1);
    await until('the guest is in', async () => (await statesOf(guest)).at(-1) === 'connected');
    expect(await statesOf(guest)).toEqual(['connecting', 'waiting(lobby)', 'connected']);
    stage.server.jitsi.fail('conference.iceFailed', { identity: 'guest' });
    await until('the guest knocks again', async () => (await knocks()) === 2);
    expect(stage.server.jitsi.admit()).toBe(1);
    await until('the guest is in again', async () => (await statesOf(guest)).at(-1) === 'connected');
    expect(await knocks()).toBe(2);
  });

  test('knocks at the lobby and is turned away: denied, once, and nothing is left', async () => {
    patch({ jitsi: { lobby: true } });
    await inMeeting(stage, { identity: 'host', role: 'moderator' });
    const guest = await meetingPage(stage);
    const joining = tryMeeting(guest, { identity: 'guest', role: 'guest' });
    await until('the guest waits', async () => (await statesOf(guest)).at(-1) === 'waiting(lobby)');
    await until('the guest knocks', () => stage.server.jitsi.reject() === 1);
    expect(await joining).toMatchObject({
      state: 'disconnected',
      code: 'connect_denied',
      vendorCode: 'conference.connectionError.accessDenied',
    });
    expect(await statesOf(guest)).toEqual(['connecting', 'waiting(lobby)', 'disconnected(denied)']);
    await until('the frame is gone', async () => (await guest.locator('iframe').count()) === 0, 5_000);
  });
});

describe('a token that the meeting does not take', () => {
  test.each<[string, SettingsPatch, object, number]>([
    ['that has expired', { endpoint: { mode: 'expired' } }, { code: 'token_malformed' }, 0],
    ['for another room', { tokenRoom: 'elsewhere' }, { code: 'token_mismatch', claim: 'room' }, 0],
    [
      'that is not valid yet',
      { jitsi: { tokenFault: 'early' } },
      { code: 'token_mismatch', claim: 'nbf' },
      0,
    ],
    [
      'for another audience',
      { jitsi: { tokenFault: 'audience', acceptedAudiences: ['jitsi'] } },
      { code: 'connect_denied' },
      2,
    ],
    ['with a bad signature', { jitsi: { tokenFault: 'signature' } }, { code: 'connect_denied' }, 2],
  ])(
    '%s ends the join with a typed error, after one re-creation at most, and leaves nothing in the page',
    async (_what, settings, error, frames) => {
      patch(settings);
      const page = await meetingPage(stage);
      const elements = (await counted(page)).elements;
      expect(await tryMeeting(page, { identity: 'ann' })).toMatchObject({ state: 'disconnected', ...error });
      expect((await framesOf(page)).frames).toBe(frames);
      expect(await statesOf(page)).toHaveLength(2);
      await until('the frame is gone', async () => (await page.locator('iframe').count()) === 0, 5_000);
      // The box of the page is one.
      expect((await counted(page)).elements).toBe(elements + 1);
      await until('the server has nothing left', () => stage.server.jitsi.open.pages === 0);
    },
  );
});

describe('a meeting', () => {
  const ends = async (page: Awaited<ReturnType<typeof inMeeting>>, reason: string) => {
    await until('it is over', async () => (await statesOf(page)).at(-1)?.startsWith('disconnected'));
    await pause(1_000);
    expect(await statesOf(page)).toEqual(['connecting', 'connected', `disconnected(${reason})`]);
    await until('the frame is gone', async () => (await page.locator('iframe').count()) === 0, 5_000);
  };

  test('that one is kicked out of is over: removed', async () => {
    const ann = await inMeeting(stage, { identity: 'ann' });
    stage.server.jitsi.kick({ identity: 'ann' });
    await ends(ann, 'removed');
  });

  test('that is ended for all is over: ended', async () => {
    const ann = await inMeeting(stage, { identity: 'ann' });
    stage.server.jitsi.destroy(room);
    await ends(ann, 'ended');
  });

  test('that one hangs up inside the frame is over: ended', async () => {
    const ann = await inMeeting(stage, { identity: 'ann' });
    stage.server.jitsi.hangUp({ identity: 'ann' });
    await ends(ann, 'ended');
  });

  test('goes on through a breakout room and back', async () => {
    const ann = await inMeeting(stage, { identity: 'ann' });
    const bob = await inMeeting(stage, { identity: 'bob' });
    await until('both are there', async () => (await othersOf(bob)).join() === 'ann');
    stage.server.jitsi.breakout({ identity: 'ann' });
    await until('bob is alone', async () => (await othersOf(bob)).length === 0);
    stage.server.jitsi.breakout({ identity: 'ann', back: true });
    await until('both are there again', async () => (await othersOf(bob)).join() === 'ann');
    await until('ann sees it, too', async () => (await othersOf(ann)).join() === 'bob');
    expect(await statesOf(ann)).toEqual(['connecting', 'connected']);
    expect(await framesOf(ann)).toEqual({ frames: 1, loads: 1 });
  });

  test('tells once who left, where the vendor tells it twice', async () => {
    patch({ jitsi: { duplicateLeft: true } });
    const ann = await inMeeting(stage, { identity: 'ann' });
    const bob = await inMeeting(stage, { identity: 'bob' });
    await until('both are there', async () => (await othersOf(ann)).join() === 'bob');
    await bob.evaluate(() => (window as unknown as MeetingPage).session?.leave());
    await until('bob has left', async () => (await eventsOf(ann, 'participantLeft')).length > 0);
    await pause(500);
    expect(await eventsOf(ann, 'participantLeft')).toHaveLength(1);
  });

  test('whose frame never answers fails the join in time, and says what to look at', async () => {
    patch({ jitsi: { silent: true } });
    const ann = await meetingPage(stage);
    const outcome = await tryMeeting(ann, {
      identity: 'ann',
      joinTimeoutMs: 5_000,
      adapter: { frameTimeoutMs: 2_000 },
    });
    expect(outcome).toMatchObject({ state: 'disconnected', code: 'connect_timeout' });
    expect(outcome.message).toContain('frame-src');
    expect(await statesOf(ann)).toEqual(['connecting', 'disconnected(failed)']);
    await until('the frame is gone', async () => (await ann.locator('iframe').count()) === 0, 5_000);
  });

  test('whose frame falls silent is left within 3 s all the same', async () => {
    const ann = await inMeeting(stage, { identity: 'ann' });
    stage.server.jitsi.silence({ identity: 'ann' });
    const tookMs = await ann.evaluate(async () => {
      const startedAt = performance.now();
      await (window as unknown as MeetingPage).session?.leave();
      return performance.now() - startedAt;
    });
    expect(tookMs).toBeLessThan(4_000);
    await until('the frame is gone', async () => (await ann.locator('iframe').count()) === 0, 5_000);
  });
});

describe('sessions of one page', () => {
  test('do not hear of each other, on the same domain', async () => {
    const page = await meetingPage(stage);
    await page.evaluate(async () => {
      const meeting = window as unknown as MeetingPage;
      const one = meeting.open({ identity: 'one' });
      const two = meeting.open({ identity: 'two' });
      await Promise.all([one.join('left'), two.join('right')]);
    });
    stage.server.jitsi.kick({ room: 'left' });
    await until('the first is over', async () =>
      (await eventsOf(page, 'stateChanged')).some(({ state }) => state === 'disconnected'),
    );
    await pause(500);
    const told = (await eventsOf(page, 'stateChanged')).map(({ who, state }) => `${who} ${state}`);
    expect(told.filter((text) => text.startsWith('one'))).toEqual([
      'one connecting',
      'one connected',
      'one disconnected',
    ]);
    expect(told.filter((text) => text.startsWith('two'))).toEqual(['two connecting', 'two connected']);
    expect(loginsOf(stage, 'two').length).toBeGreaterThan(0);
  });

  test('leave no element, listener, timer or global behind after 50 joins', async () => {
    const page = await meetingPage(stage);
    const joinAndLeave = (times: number) =>
      page.evaluate(async (count) => {
        const meeting = window as unknown as MeetingPage;
        const session = meeting.session ?? meeting.open({ identity: 'again' });
        for (let round = 0; round < count; round++) {
          await session.join('again');
          await session.leave();
        }
        meeting.events.length = 0;
        return Object.keys(window)
          .filter((key) => !/^\d+$/.test(key))
          .sort();
      }, times);
    const globals = await joinAndLeave(2);
    const before = await counted(page);
    expect(await joinAndLeave(50)).toEqual(globals);
    expect(await counted(page)).toEqual(before);
    await until('the server has nothing left', () => stage.server.jitsi.open.pages === 0);
    expect(stage.server.jitsi.open).toEqual({ pages: 0, sockets: 0, sessions: 0 });
  });
});
