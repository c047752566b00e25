/** `npm run chaos`: CHAOS_LIVES (default 10 000) lives over the three adapters, from CHAOS_SEED on (default: the time). */
import { afterAll, describe, expect, test } from 'vitest';
import { lifeOf, worlds } from './lives.ts';

const lives = Number(process.env['CHAOS_LIVES'] ?? 10_000);
const firstSeed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 2 ** 31);
const only = process.env['CHAOS_ADAPTER'];
const names = Object.keys(worlds).filter((name) => only === undefined || name === only);

describe.each(names)('%s', (name) => {
  const seeds = Array.from({ length: Math.ceil(lives / names.length) }, (_, index) => firstSeed + index);
  const figures: Record<string, number> = { lives: 0, 'vendor exceptions': 0, faults: 0 };
  const count = (what: string, by = 1) => {
    figures[what] = (figures[what] ?? 0) + by;
  };

  test.each(seeds)('seed %i', async (seed) => {
    const { faults, story, end, vendorExceptions } = await lifeOf(name, seed);
    count('lives');
    count('vendor exceptions', vendorExceptions);
    count('faults', faults.length);
    count(`end: ${end}`);
    for (const kind of new Set(faults.map((fault) => fault.split(':')[0]))) count(`with ${kind}`);
    expect(faults, `${name}, seed ${seed}:\n${story.join('\n')}\n`).toEqual([]);
  });

  afterAll(() => console.log(`${name}, seeds from ${firstSeed}: ${JSON.stringify(figures)}`));
});
