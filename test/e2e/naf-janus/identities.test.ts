import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, pause, received, type Stage, startStage, until } from '../harness.ts';
import { hears, recipeIn, sceneIn, ways } from './scenes.ts';

const states = async (page: Page) => (await eventsOf(page, 'stateChanged')).map(({ state }) => state);
const audioBytes = async (page: Page) => (await received(page)).audioBytes;

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
  await pause(500);
  expect(await hears(listener)).toBe(false);
});

describe.each(ways)('one person, $way,', ({ sceneDriven }) => {
  const enter = (room: string, identity: string, listenOnly = false) =>
    sceneIn(stage, { room, identity, sceneDriven, adapter: { listenOnly } });

  test('in two rooms says nothing from one of them in the other', async () => {
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
  });

  test('in two tabs of one room stays in both, and is heard from both', async () => {
    const [phone, desk] = [await enter('tabs', 'ann'), await enter('tabs', 'ann')];
    await until('both hear', async () => (await hears(phone)) && (await hears(desk)));
    await pause(60_000);
    for (const page of [phone, desk]) {
      expect(await states(page)).toEqual(['connecting', 'connected']);
      expect(await eventsOf(page, 'participantLeft')).toEqual([]);
    }
    expect(await hears(phone)).toBe(true);
    expect(await hears(desk)).toBe(true);
  });
});
