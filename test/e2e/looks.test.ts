/** The demo's pages, alone and in a room, on a desk and on a phone, by day and by night. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fine, lookAt, looks } from '../looks.ts';
import { type Stage, startStage } from './harness.ts';

describe('the pages of the demo', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  test.each(['ant-media', 'naf-janus', 'jitsi'])(
    '%s: no violation before the join and in the room',
    async (demo) => {
      const page = await stage.open(`/dev/${demo}/`);
      for (const look of looks)
        expect(await lookAt(page, demo, look), `${look.width} ${look.scheme}`).toEqual(fine);
      await page.getByRole('button', { name: 'Join' }).click();
      await page.getByText('connected', { exact: true }).first().waitFor();
      // No Enter on the way in may end the call.
      const focused = await page.evaluate(() => document.activeElement?.textContent ?? '');
      expect(focused).not.toMatch(/leave/i);
      for (const look of looks)
        expect(await lookAt(page, `${demo}-in`, look), `in the room, ${look.width} ${look.scheme}`).toEqual(
          fine,
        );
    },
  );
});
