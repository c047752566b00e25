import type { Page } from 'playwright';
import type { LogEntry } from '../../../dev/server/event-log.ts';
import type { SettingsPatch } from '../../../dev/server/settings.ts';
import { type Stage, startStage } from '../harness.ts';
import type { MeetingOptions, MeetingPage } from '../pages/meeting.ts';
import type { JoinOutcome } from '../pages/told.ts';

export const room = 'standup';

/** A server of its own for a test, since most faults hit everybody. */
export async function onStage(
  settings: SettingsPatch,
  run: (stage: Stage) => Promise<void>,
  options: { leaky?: boolean } = {},
): Promise<void> {
  const stage = await startStage({ settings });
  try {
    await run(stage);
  } finally {
    await stage.close(options);
  }
}

/** @param aheadMs how fast the page's clock is. Default 0 */
export async function meetingPage(stage: Stage, aheadMs = 0): Promise<Page> {
  const page = await stage.open('/test/e2e/pages/meeting.html', { aheadMs });
  await page.waitForFunction(() => 'open' in window && 'meetByHand' in window && 'events' in window);
  return page;
}

/** Begins a join; what becomes of it is in the page's events. */
export function startMeeting(page: Page, options: MeetingOptions): Promise<void> {
  return page.evaluate(
    ([roomName, openOptions]) => {
      const session = (window as unknown as MeetingPage).open(openOptions);
      session.join(roomName).catch(() => {});
    },
    [room, options] as const,
  );
}

/** Joins, and says how that ended. */
export function tryMeeting(page: Page, options: MeetingOptions): Promise<JoinOutcome> {
  return page.evaluate(
    ([roomName, openOptions]) => (window as unknown as MeetingPage).tryMeeting(roomName, openOptions),
    [room, options] as const,
  );
}

/** A page that is in the meeting. */
export async function inMeeting(stage: Stage, options: MeetingOptions, aheadMs = 0): Promise<Page> {
  const page = await meetingPage(stage, aheadMs);
  const outcome = await tryMeeting(page, options);
  if (outcome.state !== 'connected') throw new Error(`Not in the meeting: ${JSON.stringify(outcome)}`);
  return page;
}

/** How many frames a page had so far, and how often one loaded. */
export function framesOf(page: Page): Promise<{ frames: number; loads: number }> {
  return page.evaluate(() => {
    const { frames, loads } = window as unknown as MeetingPage;
    return { frames, loads };
  });
}

/** Who else is in the meeting, by name. */
export function othersOf(page: Page): Promise<(string | undefined)[]> {
  return page.evaluate(
    () => (window as unknown as MeetingPage).session?.participants.map(({ name }) => name) ?? [],
  );
}

type Login = Extract<LogEntry, { type: 'jitsi-login' }>;
type Join = Extract<LogEntry, { type: 'jitsi-join' }>;

/** What the server's log says about one person's logins. */
export function loginsOf(stage: Stage, name: string, since = 0): Login[] {
  const isOne = (entry: LogEntry): entry is Login => entry.type === 'jitsi-login' && entry.name === name;
  return stage.server.log.since(since).filter(isOne);
}

/** When one person came into the meeting, with a token that was good then. */
export function validJoinsOf(stage: Stage, name: string, since = 0): Join[] {
  const isOne = (entry: LogEntry): entry is Join => entry.type === 'jitsi-join' && entry.name === name;
  const joins = stage.server.log.since(since).filter(isOne);
  return joins.filter(({ token, answer }) => token.ok && answer === 'joined');
}

/** `connecting`, `waiting(host)`, … as the page's session told them. */
export function statesOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    (window as unknown as MeetingPage).events
      .filter(({ name }) => name === 'stateChanged')
      .map(({ state, reason }) => (reason ? `${state}(${reason})` : `${state}`)),
  );
}
