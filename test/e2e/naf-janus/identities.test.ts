import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventsOf, pause, received, type Stage, startStage, until } from '../harness.ts';
import { hears, recipeIn, sceneIn, ways } from './scenes.ts';

const states = async (page: Page) => (await eventsOf(page, 'stateChanged')).map(({ state }) => state);
const audioBytes = async (page: Page) => (await received(page)).audioBytes;

/** Both ways in, with naf-janus-adapter 4.0.1 and with our stand-in for 4.3.0. */
const cases = ways.flatMap(({ way, sceneDriven }) => [
  { vendor: `${way} with 4.0.1`, sceneDriven, isFork: false },
  { vendor: `${way} with 4.3.0`, sceneDriven, isFork: true },
]);

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

test('the recipe, with the identity as the client id, lets one room hear another', async () => {
  await recipeIn(stage, 'private', 'ann');
  await recipeIn(stage, 'public', 'ann');
  const { page: listener } = await recipeIn(stage, 'public', 'bob');
  await until('the public room hears', () => hears(listener));
  // Who is there in the public room says nothing: all of it comes from the private one.
  await stage.server.janus.drop({ room: 'private' });
  await until('the public room is silent', async () => !(await hears(listener)));
});

test.each(cases)(
  'one person in two rooms says nothing from one of them in the other, $vendor',
  async ({ sceneDriven, isFork }) => {
    const enter = (room: string, identity: string, listenOnly = false) =>
      sceneIn(stage, { room, identity, sceneDriven, isFork, adapter: { listenOnly } });
    await enter('private', 'ann');
    const confidant = await enter('private', 'cid', true);
    await enter('public', 'ann', true);
    const listener = await enter('public', 'bob');
    await until('the private room hears', () => hears(confidant));
    await until(
      'the listener knows the other',
      async () => (await eventsOf(listener, 'trackAdded')).length > 0,
    );
    const before = await audioBytes(listener);
    await pause(10_000);
    expect((await audioBytes(listener)) - before).toBe(0);
    expect(await hears(confidant)).toBe(true);
    expect((await eventsOf(listener, 'participantJoined')).map(({ identity }) => identity)).toEqual(['ann']);
  },
);

test('one person in two tabs of one room stays in both, and is heard from both', async () => {
  const tabs: Page[] = [];
  for (const { vendor, sceneDriven, isFork } of cases)
    for (const identity of [vendor, vendor])
      tabs.push(await sceneIn(stage, { room: vendor, identity, sceneDriven, isFork }));
  const allHear = async () => (await Promise.all(tabs.map(hears))).every(Boolean);
  await until('all hear', allHear, 30_000);
  await pause(60_000);
  for (const tab of tabs) {
    expect(await states(tab)).toEqual(['connecting', 'connected']);
    expect(await eventsOf(tab, 'participantLeft')).toEqual([]);
    expect(await eventsOf(tab, 'participantJoined')).toHaveLength(1);
  }
  await until('all hear still', allHear, 30_000);
}, 200_000);
