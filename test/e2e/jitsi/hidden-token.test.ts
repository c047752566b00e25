import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, startStage, until } from '../harness.ts';
import { leaksIn } from '../leaks.ts';
import type { MeetingPage } from '../pages/meeting.ts';
import type { MeetingByHandPage } from '../pages/meeting-by-hand.ts';
import { deploy, domain, record, recorded } from './deployment.ts';
import { framesOf, loginsOf, meetingPage, othersOf, room, statesOf, tryMeeting } from './meetings.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ settings: { jitsi: { sessionHoldMs: 500 } } });
});
afterEach(() => stage.closePages());
// The pages by hand and with the old script put tokens into their output.
afterAll(() => stage.close({ leaky: true }));

/** A page that is in the meeting on a deployment with this script. */
async function join(identity: string, version: Parameters<typeof deploy>[2]) {
  const page = await meetingPage(stage);
  const accessLog = await deploy(page, stage, version);
  await record(page);
  expect(await tryMeeting(page, { identity, adapter: { domain } })).toMatchObject({ state: 'connected' });
  return { page, accessLog };
}

async function replacesItsFrame(page: Page): Promise<void> {
  const { frames } = await framesOf(page);
  stage.server.jitsi.fail('conference.iceFailed', { identity: 'ann' });
  await until('there is a new frame', async () => (await framesOf(page)).frames > frames);
  await until('ann is in again', async () => (await statesOf(page)).at(-1) === 'connected');
}

/** Whether sound and pictures of another participant come into the frame. */
async function perceivesOne(page: Page): Promise<boolean> {
  const received = await page
    .frames()
    .at(-1)
    ?.evaluate(() => window.meeting?.received());
  return Object.values(received ?? {}).some(({ frames, audioBytes }) => frames > 2 && audioBytes > 100);
}

const leaks = (text: string) => leaksIn(text, stage.server.issuedTokens());

describe.each(['13.2.0', '11.1.2'] as const)("with the vendor's own script, as in %s", (version) => {
  test('no script and no log sees a piece of a token, in the call, over new and moved frames, and after it', async () => {
    const { page, accessLog } = await join('ann', version);
    const bob = await join('bob', version);
    await until('they are together', async () => (await othersOf(page)).join() === 'bob');
    await until('bob is seen and heard', () => perceivesOne(page));
    await replacesItsFrame(page);
    const { frames } = await framesOf(page);
    await page.evaluate(() => document.body.append(document.querySelector('div') ?? ''));
    await until('the moved frame is replaced', async () => (await framesOf(page)).frames > frames);
    await until('ann is in again', async () => (await statesOf(page)).at(-1) === 'connected');
    await until('they are together again', async () => (await othersOf(page)).join() === 'bob');
    await page.evaluate(() => (window as unknown as MeetingPage).session?.setMicrophone(false));
    // The new frame has camera and microphone, too.
    await until('ann is seen and heard', () => perceivesOne(bob.page));
    expect(loginsOf(stage, 'ann').every(({ token }) => token.ok)).toBe(true);

    const inCall = await recorded(page);
    expect(inCall).toContain('iframe');
    expect(leaks(inCall)).toEqual([]);
    await page.evaluate(() => (window as unknown as MeetingPage).session?.leave());
    expect(leaks(await recorded(page))).toEqual([]);
    const log = accessLog.join('\n');
    expect(log).toContain(`https://${domain}/${room}`);
    expect(leaks(log)).toEqual([]);
  });
});

test('a script from before May 2024 gets its token in the query, where the page alone reads it', async () => {
  const { page, accessLog } = await join('ann', '0.3.0');
  await replacesItsFrame(page);
  expect(loginsOf(stage, 'ann').at(-1)?.token.ok).toBe(true);
  expect(leaks(await recorded(page))).toEqual([]);
  expect(accessLog.join('\n')).toContain(`/${room}?jwt=`);
});

test('by hand, the token is in the DOM, in the list of resources and in the access log, also after the call', async () => {
  const page = await meetingPage(stage);
  const accessLog = await deploy(page, stage, '13.2.0');
  await record(page);
  const byHand = ([name, at]: readonly [string, string]) =>
    (window as unknown as MeetingByHandPage).meetByHand(name, 'ann', at);
  await page.evaluate(byHand, [room, domain] as const);
  await page.evaluate(() => document.querySelector('iframe')?.remove());
  const seen = await recorded(page);
  expect(leaks(seen)).not.toEqual([]);
  expect(seen).toContain('"entryType":"resource"');
  expect(leaks(accessLog.join('\n'))).not.toEqual([]);
  const names = await page.evaluate(() => performance.getEntries().map(({ name }) => name));
  expect(leaks(names.join('\n'))).not.toEqual([]);
});
