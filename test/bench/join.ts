/** Time from `join()` to the first remote picture, against a hand-written page, in turn in one run. */
import type { Page } from 'playwright';
import { joined, pause, sdkPage, startStage } from '../e2e/harness.ts';
import type { HandWrittenPage } from '../e2e/pages/hand-written.ts';
import type { TestPage } from '../e2e/pages/sdk.ts';
import { firstFrame, reportPairs, watchForFrame } from './frames.ts';

const pairs = 20;
const limit = 1.05;
const room = 'bench';

const stage = await startStage();
try {
  await joined(stage, room, 'source');
  const ours = await sdkPage(stage);
  const other = await stage.open('/test/e2e/pages/hand-written.html');
  await other.waitForFunction(() => 'joinByHand' in window);
  await ours.evaluate(() => {
    (window as unknown as TestPage).open({ identity: 'ours' });
  });
  const joinOurs = () => ours.evaluate((name) => (window as unknown as TestPage).session?.join(name), room);
  const leaveOurs = () => ours.evaluate(() => (window as unknown as TestPage).session?.leave());
  const joinOther = () =>
    other.evaluate((name) => (window as unknown as HandWrittenPage).joinByHand(name, 'other'), room);
  const leaveOther = () => other.evaluate(() => (window as unknown as HandWrittenPage).leave());

  const time = async (page: Page, join: () => Promise<unknown>, leave: () => Promise<unknown>) => {
    await page.bringToFront();
    await watchForFrame(page);
    const startedAt = Date.now();
    const joining = join();
    const took = (await firstFrame(page)) - startedAt;
    await joining;
    await leave();
    await pause(700);
    return took;
  };
  const measured: { ours: number; other: number }[] = [];
  // One pair more than counted: the first loads the vendor's module and opens the devices.
  for (let pair = 0; pair <= pairs; pair++) {
    const result = {
      ours: await time(ours, joinOurs, leaveOurs),
      other: await time(other, joinOther, leaveOther),
    };
    if (pair > 0) measured.push(result);
  }
  reportPairs('From join() to the first remote picture', measured, limit);
} finally {
  await stage.close({ leaky: true });
}
