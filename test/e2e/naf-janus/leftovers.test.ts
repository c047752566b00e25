import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Counted, counted, heapAfterCollection, type Stage, startStage, until } from '../harness.ts';
import type { NafPage } from '../pages/naf.ts';
import { scenePage, ways } from './scenes.ts';

const rounds = 50;

/** How a scene of the page is opened: without us, or by one of our ways in. */
type Opening = (typeof ways)[number]['way'] | 'bare';

describe('a scene that is added, connected and removed 50 times', () => {
  let stage: Stage;
  /** What as many scenes leave behind that are connected to nothing: A-Frame's own. */
  let bare: Growth;
  beforeAll(async () => {
    stage = await startStage();
    bare = await grow('bare');
  });
  afterAll(() => stage.close());

  test.each(ways)('leaves nothing behind that a scene without us does not, $way', async ({ way }) => {
    const { heapKb, left, ...growth } = await grow(way);
    console.log(`heap growth after ${rounds} scenes: ${heapKb} kB ${way}, ${bare.heapKb} kB without us`);
    expect(growth).toEqual({ growth: bare.growth });
    expect(left).toMatchObject({ timers: 0, sockets: 0, connections: 0, liveTracks: 0 });
    expect(heapKb - bare.heapKb).toBeLessThan(2 * 1024);
    expect(stage.server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
  });

  interface Growth {
    readonly growth: Record<string, number>;
    readonly left: Counted;
    readonly heapKb: number;
  }

  async function grow(opening: Opening): Promise<Growth> {
    const page = await scenePage(stage);
    // The first rounds load what the browser keeps once.
    await addAndRemove(page, opening, 5);
    const before = await settled(page);
    await addAndRemove(page, opening, rounds);
    const after = await settled(page);
    await stage.closePages();
    const names = Object.keys(after.left) as (keyof Counted)[];
    return {
      growth: Object.fromEntries(names.map((name) => [name, after.left[name] - before.left[name]])),
      left: after.left,
      heapKb: Math.round((after.heap - before.heap) / 1024),
    };
  }

  function addAndRemove(page: Page, opening: Opening, times: number): Promise<void> {
    return page.evaluate(
      async ([how, count]) => {
        const scenes = window as unknown as NafPage;
        for (let round = 0; round < count; round++) {
          if (how === 'bare') await scenes.openBareScene();
          else await scenes.openScene({ room: how, identity: 'ann', sceneDriven: how === 'scene-driven' });
          const { session } = scenes;
          scenes.removeScene();
          while (session && session.state !== 'disconnected')
            await new Promise((next) => setTimeout(next, 10));
        }
        scenes.session = scenes.adapter = undefined;
        scenes.events.length = 0;
      },
      [opening, times] as const,
    );
  }

  async function settled(page: Page) {
    await until('the server has nothing left', () => stage.server.janus.open.sockets === 0);
    // A-Frame has a short one of its own, of the last scene.
    await until('no timer is left', async () => (await counted(page)).timers === 0);
    return { left: await counted(page), heap: await heapAfterCollection(page) };
  }
});
