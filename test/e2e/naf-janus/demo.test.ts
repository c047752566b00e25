import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pause, type Stage, startStage, until } from '../harness.ts';
import { hears, joinsSince } from './scenes.ts';

describe('the Janus demo', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: 12 } });
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  const open = async (query: string) => {
    const page = await stage.open(`/dev/naf-janus/${query}`);
    await page.waitForSelector('html[data-state]');
    return page;
  };
  const inState = (page: Page, state: string) => page.waitForSelector(`html[data-state=${state}]`);

  test('shows two tabs to each other: avatars walk, sound flows, tokens are refreshed, and a restart is survived', async () => {
    const [a, b] = [await open('?identity=anna&video=0'), await open('?identity=ben&video=0')];
    for (const page of [a, b]) {
      await page.getByRole('button', { name: 'Join' }).click();
      await inState(page, 'connected');
    }
    await until('both hear', async () => (await hears(a)) && (await hears(b)));
    await a.getByText('ben', { exact: true }).waitFor();
    await until('the other is in the scene', async () => (await places(b)).length === 1);
    const start = await place(a);
    await a.getByRole('button', { name: 'Walk around' }).click();
    const before = await places(b);
    await until('the avatar walks', async () => (await places(b)).join() !== before.join());
    await a.getByRole('button', { name: 'Walk around' }).click();
    const walked = await place(a);
    expect(walked).not.toEqual(start);

    await until('the timeline tells of a refresh', () => a.getByText(/Token refreshed/).count());
    await a.getByRole('button', { name: 'Restart' }).click();
    await inState(a, 'reconnecting');
    await inState(a, 'connected');
    await inState(b, 'connected');
    await until('both hear again', async () => (await hears(a)) && (await hears(b)));
    expect(await place(a), 'nobody is moved by a reconnect').toEqual(walked);
    await until('the other is in the scene again', async () => (await places(b)).length === 1);
    expect(joinsSince(stage, 'demo').filter(({ token }) => !token.ok)).toEqual([]);

    await a.getByRole('button', { name: 'Leave' }).click();
    await until('the avatar is gone', async () => (await places(b)).length === 0);
  });

  test('kicks, once the token says that it may', async () => {
    const [a, b] = [await open('?room=kick&autojoin=1&video=0'), await open('?room=kick&autojoin=1&video=0')];
    for (const page of [a, b]) await inState(page, 'connected');
    await until('a knows b', () => a.locator('.tile:not(.self)').count());
    const kick = a.getByRole('button', { name: 'Kick the last one who came' });
    await kick.click();
    await a.getByText(/kick_users/).waitFor();
    await a.getByLabel('the next tokens may kick').check();
    await until('b is out', async () => {
      await kick.click();
      return (await b.locator('html[data-state=disconnected]').count()) > 0;
    });
    await inState(a, 'connected');
  });

  test('has a page whose scene connects by itself, with one attribute', async () => {
    const page = await stage.open('/dev/naf-janus/scene-driven.html');
    await inState(page, 'connected');
    expect(joinsSince(stage, 'demo').at(-1)).toMatchObject({ answer: 'joined', token: { ok: true } });
  });

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

/** Where the own avatar stands. */
function place(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { x, z } = (
      document.querySelector('#me') as unknown as { object3D: { position: { x: number; z: number } } }
    ).object3D.position;
    return `${x.toFixed(1)} ${z.toFixed(1)}`;
  });
}

/** Where the avatars of the others stand. */
function places(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('[networked]:not(#me)')].map((avatar) => {
      const { x, z } = (avatar as unknown as { object3D: { position: { x: number; z: number } } }).object3D
        .position;
      return `${x.toFixed(1)} ${z.toFixed(1)}`;
    }),
  );
}
