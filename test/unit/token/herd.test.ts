/** 10 000 sessions that joined within one second: how their requests fall on the server. The whole of it: the token bench. */
import { expect, test } from 'vitest';
import { browserClock } from '../../../src/clock.ts';
import { TokenError } from '../../../src/errors.ts';
import { defaultRefreshWindow, refreshDelay } from '../../../src/token/schedule.ts';
import { Trouble } from '../../../src/token/trouble.ts';
import { makeRandom } from '../../bench/token/random.ts';

const sessions = 10_000;
const lifeMs = 600_000;

/** Requests by the second in an outage, from the first token's arrival to the first success after the outage. */
function requestsBySecond(fromS: number, toS: number): number[] {
  const bySecond = Array.from({ length: 3_000 }, () => 0);
  const random = makeRandom(7);
  for (let session = 0; session < sessions; session++) {
    let endsAt = random() * 1_000 + lifeMs;
    let at = endsAt - lifeMs + refreshDelay(lifeMs, defaultRefreshWindow, random(), false);
    const trouble = new Trouble({ ...browserClock, monotonic: () => at, random, isOnline: () => true });
    for (;;) {
      bySecond[Math.floor(at / 1_000)]!++;
      if (at >= toS * 1_000) break;
      if (at < fromS * 1_000) {
        endsAt = at + lifeMs;
        at += refreshDelay(lifeMs, defaultRefreshWindow, random(), false);
        continue;
      }
      const leftMs = Math.max(endsAt - at, 0);
      trouble.add(new TokenError('token_unavailable', 'Down.'), false, { leftMs, lifeMs, tookMs: 0 });
      at += trouble.pauseMs;
    }
  }
  return bySecond;
}

test.each([
  ['before the first refresh, over the end of all tokens', 300, 900],
  ['amid the first refreshes', 390, 800],
  ['after the first refreshes', 500, 1_100],
  ['amid the second refreshes', 780, 1_400],
])('10 000 sessions send at most 250 requests in any second of an outage that begins %s', (_, from, to) => {
  const bySecond = requestsBySecond(from, to);
  expect(Math.max(...bySecond)).toBeLessThanOrEqual(250);
  expect(bySecond.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(sessions);
});
