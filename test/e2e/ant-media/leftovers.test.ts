import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  counted,
  heapAfterCollection,
  joined,
  type Stage,
  sdkPage,
  startStage,
  tryToJoin,
  until,
} from '../harness.ts';
import type { TestPage } from '../pages/sdk.ts';

describe.each([
  ['alone', 200, null],
  ['beside another participant, in slots', 20, { video: 5, audio: 3 }],
])('joining and leaving %s, %i times in one page', (_how, rounds, slots) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { media: { slots } } });
  });
  afterAll(() => stage.close());

  test('leaves no timer, listener, socket, connection, AudioContext, track or element, and no heap to speak of', async () => {
    const other = slots && (await joined(stage, 'again', 'again-bob'));
    const page = await sdkPage(stage);
    // The first rounds load the vendor's module and whatever the browser keeps once.
    await joinAndLeave(page, 10);
    const before = { ...(await counted(page)), heap: await heapAfterCollection(page) };
    await joinAndLeave(page, rounds);
    const after = { ...(await counted(page)), heap: await heapAfterCollection(page) };
    const { heap: heapBefore, ...countedBefore } = before;
    const { heap: heapAfter, ...countedAfter } = after;
    console.log(
      `heap growth after ${rounds} joins and leaves: ${((heapAfter - heapBefore) / 1024).toFixed(0)} kB`,
    );
    expect(countedAfter).toEqual(countedBefore);
    expect(countedAfter).toMatchObject({
      timers: 0,
      sockets: 0,
      connections: 0,
      audioContexts: 0,
      liveTracks: 0,
    });
    expect(heapAfter - heapBefore).toBeLessThan(512 * 1024);
    await other?.close();
    await until('the room is gone', () => stage.server.media.rooms().length === 0);
  });

  async function joinAndLeave(page: Awaited<ReturnType<typeof sdkPage>>, times: number): Promise<void> {
    const outcome = await tryToJoin(page, 'again', { identity: 'again-alice' });
    expect(outcome.state).toBe('connected');
    await page.evaluate(async (count) => {
      const { session, events } = window as unknown as TestPage;
      await session?.leave();
      for (let round = 1; round < count; round++) {
        await session?.join('again');
        await session?.leave();
      }
      events.length = 0;
    }, times);
  }
});
