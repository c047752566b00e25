import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bothHearAndSee, pause, type Stage, startStage, until } from '../harness.ts';

describe('the Ant Media demo', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: 12 } });
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  const open = async (query = '') => {
    const page = await stage.open(`/dev/ant-media/${query}`);
    await page.waitForSelector('html[data-state]');
    return page;
  };
  const inState = (page: Page, state: string) => page.waitForSelector(`html[data-state=${state}]`);

  test('is used by keyboard alone: two tabs join, see and hear each other, survive a cut, and leave', async () => {
    const [a, b] = [await open('?identity=anna'), await open('?identity=ben')];
    for (const page of [a, b]) {
      await page.focus('#room');
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('keyboard-room');
      await page.keyboard.press('Enter');
      await inState(page, 'connected');
    }
    await until('both hear and see', () => bothHearAndSee(a, b));
    await a.getByText('ben', { exact: true }).waitFor();
    expect(await a.evaluate(() => (window as unknown as { session: { room: string } }).session.room)).toBe(
      'keyboard-room',
    );

    await a.getByRole('button', { name: 'Everybody’s in this room' }).press('Enter');
    await inState(a, 'reconnecting');
    await inState(a, 'connected');
    await until('both hear and see again', () => bothHearAndSee(a, b));

    await until('the timeline tells of a refresh', () => a.getByText(/Token refreshed/).count(), 15_000);
    await a.getByRole('button', { name: 'Leave' }).press('Enter');
    await inState(a, 'disconnected');
    await until(
      'the other tab shows that',
      async () => (await b.getByText('anna', { exact: true }).count()) === 0,
    );
    await b.getByRole('button', { name: 'Leave' }).press('Enter');
    await inState(b, 'disconnected');
  });

  test('mutes the microphone and turns the camera black for the others', async () => {
    const [a, b] = [
      await open('?identity=mia&room=mute&autojoin=1'),
      await open('?identity=noah&room=mute&autojoin=1'),
    ];
    await until('both hear and see', () => bothHearAndSee(a, b));
    expect(await brightness(b)).toBeGreaterThan(30);
    await a.getByRole('button', { name: 'Stop camera' }).click();
    await until('the picture is black', async () => (await brightness(b)) < 10);
    await a.getByRole('button', { name: 'Mute' }).click();
    await a.getByRole('button', { name: 'Unmute' }).waitFor();
    for (const page of [a, b]) await page.getByRole('button', { name: 'Leave' }).click();
  });

  test('says what went wrong, and what to do, when the endpoint refuses', async () => {
    const page = await open('?identity=olga');
    await page.getByRole('button', { name: 'Refusing' }).click();
    await until('the server refuses', () => stage.server.settings.endpoint.mode === 'refuse');
    await page.locator('#join').click();
    await page.locator('#error').getByText('token_denied').waitFor();
    await page.getByRole('button', { name: 'Put everything right' }).click();
    await until('the server works', () => stage.server.settings.endpoint.mode === 'ok');
    await page.locator('#join').click();
    await inState(page, 'connected');
    await page.getByRole('button', { name: 'Leave' }).click();
  });

  test('fits a phone, in a room and out of it', async () => {
    const page = await open('?identity=pia&room=phone');
    await page.setViewportSize({ width: 360, height: 740 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.locator('#join').click();
    await inState(page, 'connected');
    await pause(1_000);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });
});

/** Mean brightness, 0 to 255, of the picture of the other participant. */
function brightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const videos = [...document.querySelectorAll<HTMLVideoElement>('room-tiles video')];
    const video = videos.find(({ muted }) => !muted) ?? videos.at(-1);
    const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 12 });
    const context = canvas.getContext('2d');
    if (!video || !context) return -1;
    context.drawImage(video, 0, 0, 16, 12);
    const { data } = context.getImageData(0, 0, 16, 12);
    return data.reduce((sum, value, index) => (index % 4 === 3 ? sum : sum + value), 0) / (16 * 12 * 3);
  });
}
