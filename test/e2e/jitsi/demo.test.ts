import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pause, type Stage, startStage, until } from '../harness.ts';
import { validJoinsOf } from './meetings.ts';

describe('the Jitsi demo', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: 12, jitsi: { sessionHoldMs: 2_000 } } });
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  const open = async (query: string) => {
    const page = await stage.open(`/dev/jitsi/${query}`);
    await page.waitForSelector('html[data-state]');
    return page;
  };
  const inState = (page: Page, state: string) => page.waitForSelector(`html[data-state=${state}]`);

  test('lets a guest wait for the host, keeps one frame past the token, and makes another when that fails', async () => {
    const [guest, host] = [
      await open('?identity=gast&role=guest'),
      await open('?identity=hanna&role=moderator'),
    ];
    await guest.getByLabel('guests wait for the host').check();
    await until('the server lets guests wait', () => stage.server.settings.jitsi.waitForHost === 'lobby');
    await guest.getByRole('button', { name: 'Join' }).click();
    await inState(guest, 'waiting');
    await guest.locator('#state').getByText('Waiting for the host').waitFor();
    await host.getByRole('button', { name: 'Join' }).click();
    await inState(host, 'connected');
    await inState(guest, 'connected');
    await host.getByText('With you: gast').waitFor();
    await until('both see each other', () => bothSeeTwo(host, guest));

    await until('the timeline tells of a refresh', () => host.getByText(/Token refreshed/).count());
    await pause(6_000);
    await host.getByText('One frame since you joined').waitFor();
    const before = stage.server.log.last;
    await host.getByRole('button', { name: 'Loads itself again' }).click();
    await host.getByText('The 2nd frame since you joined').waitFor();
    await inState(host, 'connected');
    expect(validJoinsOf(stage, 'hanna', before)).toHaveLength(1);
    await host.getByText('With you: gast').waitFor();
    await until('both see each other again', () => bothSeeTwo(host, guest));

    await guest.getByRole('button', { name: 'Leave' }).click();
    await inState(guest, 'disconnected');
    await until('the host is alone', async () => (await host.getByText('With you').count()) === 0);
    await host.getByRole('button', { name: 'End it for all' }).click();
    await inState(host, 'disconnected');
  });

  /** Whether two pictures play in the meeting's frame of each page. */
  async function bothSeeTwo(...pages: Page[]): Promise<boolean> {
    const seen = pages.map((page) =>
      page
        .frameLocator('#meeting iframe')
        .locator('video')
        .evaluateAll(
          (videos: HTMLVideoElement[]) =>
            videos.filter((video) => video.videoWidth > 0 && !video.paused).length,
        ),
    );
    return (await Promise.all(seen)).every((count) => count === 2);
  }

  test('fits a phone', async () => {
    const page = await open('?identity=pia&room=phone&autojoin=1');
    await page.setViewportSize({ width: 360, height: 740 });
    await inState(page, 'connected');
    await pause(500);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  });
});
