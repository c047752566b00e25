import { afterAll, beforeAll, expect, test } from 'vitest';
import { counted, heapAfterCollection, type Stage, sdkPage, startStage } from './harness.ts';
import type { TestPage } from './pages/sdk.ts';

const count = 1_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

test('1 000 refreshers in one page have a timer each, one clock check and less than 2 kB of heap beyond the token', async () => {
  const page = await sdkPage(stage);
  /** Makes so many refreshers that hold a token each, or so many tokens alone, and keeps them in the page. */
  const hold = (kind: 'refreshers' | 'tokens', howMany: number) =>
    page.evaluate(
      async ([name, number]) => {
        const { Token, TokenRefresher } = window as unknown as TestPage;
        const part = (value: object) => btoa(JSON.stringify(value)).replaceAll('=', '');
        let id = 0;
        const makeClaims = () => {
          const iat = Math.floor(Date.now() / 1000);
          return { iat, exp: iat + 600, jti: `${name}-${id++}`, room: 'standup' };
        };
        const makeToken = (claims: object) => `${part({ alg: 'HS256' })}.${part(claims)}.${'s'.repeat(43)}`;
        const fetchToken = async () => makeToken(makeClaims());
        const all = [];
        while (id < number) {
          if (name === 'tokens') {
            const claims = makeClaims();
            all.push(new Token(makeToken(claims), claims, claims.exp * 1000));
          } else {
            const refresher = new TokenRefresher(fetchToken);
            await refresher.getToken();
            all.push(refresher);
          }
        }
        Object.assign(window, { [name]: all });
      },
      [kind, howMany] as const,
    );
  const stop = () =>
    page.evaluate(() => {
      const { refreshers } = window as unknown as { refreshers: { stop(): void }[] };
      for (const refresher of refreshers.splice(0)) refresher.stop();
    });

  // What the browser keeps of code that ran is none of a refresher's.
  await hold('refreshers', count);
  await stop();
  const before = { ...(await counted(page)), heap: await heapAfterCollection(page) };
  await hold('refreshers', count);
  const held = { ...(await counted(page)), heap: await heapAfterCollection(page) };
  await hold('tokens', count);
  const tokens = (await heapAfterCollection(page)) - held.heap;
  // One for each, and the clock check that they share.
  expect(held.timers - before.timers).toBe(count + 1);
  const bytes = (held.heap - before.heap - tokens) / count;
  console.log(`heap of a refresher beyond its token: ${bytes.toFixed(0)} bytes`);
  expect(bytes).toBeLessThan(2_000);

  await stop();
  expect(await counted(page)).toMatchObject({ timers: before.timers, listeners: before.listeners });
});
