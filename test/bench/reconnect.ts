/**
 * Time from a dropped socket, the token still good, to the next remote picture, in turn in one run: against the vendor's
 * own retry, which must take twice as long; and, for information, against a page that helps it by publishing anew at
 * each opening of the socket, as the vendor's sample page does.
 */
import type { Page } from 'playwright';
import { joined, joinedByHand, pause, startStage } from '../e2e/harness.ts';
import { firstFrame, reportPairs, watchForFrame } from './frames.ts';

const pairs = 10;
const limit = 0.5;
const room = 'bench';

const stage = await startStage({ settings: { tokenLifetimeS: 3600 } });
try {
  await joined(stage, room, 'source');
  const ours = await joined(stage, room, 'ours');
  const vendor = await joinedByHand(stage, room, 'vendor', '?vendorOnly');
  const sample = await joinedByHand(stage, room, 'sample');
  const time = async (page: Page, identity: string) => {
    await page.bringToFront();
    await watchForFrame(page);
    const droppedAt = Date.now();
    if ((await stage.server.media.drop({ identity })) !== 1)
      throw new Error(`${identity} was not in the room.`);
    const took = (await firstFrame(page)) - droppedAt;
    // The vendor's client starts a second round of its own some seconds later.
    await pause(5_000);
    return took;
  };
  await pause(4_000);
  const measured: { ours: number; vendor: number; sample: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    measured.push({
      ours: await time(ours, 'ours'),
      vendor: await time(vendor, 'vendor'),
      sample: await time(sample, 'sample'),
    });
  }
  const title = 'From a dropped socket to the next remote picture';
  reportPairs(
    `${title}: the vendor's own retry`,
    measured.map((times) => ({ ours: times.ours, other: times.vendor })),
    limit,
  );
  reportPairs(
    `${title}: the vendor's sample page (for information)`,
    measured.map((times) => ({ ours: times.ours, other: times.sample })),
  );
} finally {
  await stage.close({ leaky: true });
}
