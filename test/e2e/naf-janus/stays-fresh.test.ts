import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pause, type Stage, startStage, until } from '../harness.ts';
import { hearAndSeeMove, hears, joinsSince, recipeIn, sceneIn, ways } from './scenes.ts';

const lifetimeS = 12;

describe.concurrent('with tokens of 12 s', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: lifetimeS } });
  });
  afterAll(() => stage.close());

  test.each(ways)(
    'who joins after 30 s and who was there before hear and see each other, $way',
    async ({ way: room, sceneDriven }) => {
      const a = await sceneIn(stage, { room, identity: `${room}-ann`, sceneDriven });
      await pause(30_000);
      const b = await sceneIn(stage, { room, identity: `${room}-bob`, sceneDriven });
      await until('both hear and see', () => hearAndSeeMove(a, b));
      const joins = joinsSince(stage, room);
      expect(joins.map(({ token, answer }) => ({ ok: token.ok, answer }))).toEqual(
        Array(4).fill({ ok: true, answer: 'joined' }),
      );
    },
  );

  test('the recipe without refresh: who was there before does not hear who comes after 30 s', async () => {
    const { page: a } = await recipeIn(stage, 'recipe', 'recipe-ann');
    await pause(30_000);
    const { page: b } = await recipeIn(stage, 'recipe', 'recipe-bob');
    await until('the late one hears', () => hears(b));
    expect(await hears(a)).toBe(false);
    const refused = joinsSince(stage, 'recipe').filter(({ token }) => !token.ok);
    expect(refused.map(({ user, token }) => [user, token.why])).toEqual([['recipe-ann', 'expired']]);
  });
});

describe('with a token endpoint that takes 3 s', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { endpoint: { mode: 'slow', delayMs: 3_000 } } });
  });
  afterAll(() => stage.close());

  test.each(ways)('the join carries the token, $way', async ({ way: room, sceneDriven }) => {
    await sceneIn(stage, { room, identity: `${room}-ann`, sceneDriven });
    expect(joinsSince(stage, room)).toMatchObject([{ token: { ok: true }, answer: 'joined' }]);
  });

  test("the recipe's listener loses the race, and its join is refused", async () => {
    const { refusal } = await recipeIn(stage, 'race', 'race-ann');
    expect(refusal).toBe('Rejecting anonymous join!');
    expect(joinsSince(stage, 'race')).toMatchObject([{ token: { present: false } }]);
  });
});
