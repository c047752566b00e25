import { onTestFinished, vi } from 'vitest';
import { antMediaWorld } from './ant-media-world.ts';
import type { Dice } from './dice.ts';
import { jitsiWorld } from './jitsi-world.ts';
import { type Life, live } from './life.ts';
import { nafJanusWorld } from './naf-janus-world.ts';
import type { World } from './world.ts';

/** The three adapters, each on the stand-in of its server that the unit tests have. */
export const worlds: Readonly<Record<string, (dice: Dice) => World>> = {
  'ant-media': antMediaWorld,
  'naf-janus': nafJanusWorld,
  jitsi: jitsiWorld,
};

/** One life on this adapter, in one test. */
export function lifeOf(name: string, seed: number): Promise<Life> {
  const makeWorld = worlds[name];
  if (!makeWorld) throw new Error(`There is no adapter ${name}.`);
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {});
  const warn = vi.spyOn(globalThis.console, 'warn').mockImplementation(() => {});
  onTestFinished(() => {
    console.mockRestore();
    warn.mockRestore();
  });
  return live(seed, (dice) => {
    const world = makeWorld(dice);
    // What clean-ups throw goes there, as it should.
    vi.stubGlobal('reportError', () => {});
    return world;
  });
}
