/** The bindings for React 18, React 19 and Vue in a real browser, with real media: one socket and one token for each stay. */
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { entries } from '../../entries.ts';
import { counted, pause, type Stage, startStage, until } from './harness.ts';
import type { BindingsPage } from './pages/bindings.ts';

const root = join(import.meta.dirname, '../..');

/** The frameworks: the file that mounts a component, and where its packages are. */
const frameworks = {
  'React 18': { driver: 'react', modules: 'test/react-18/node_modules', version: '18.3.1' },
  'React 19': { driver: 'react', modules: 'node_modules', version: '19.3.1' },
  Vue: { driver: 'vue', modules: 'node_modules', version: '3.5.45' },
};

/** The page's code, with one framework. */
async function bundle({ driver, modules }: { driver: string; modules: string }): Promise<string> {
  const packages = ['react', 'react-dom', 'vue'].map((name) => [name, join(root, modules, name)]);
  const ours = entries.map(({ name, source }) => [name, join(root, source)]);
  const { outputFiles } = await build({
    stdin: {
      contents: `import { mount } from './test/bindings/${driver}.ts';
        import { offer } from './test/e2e/pages/bindings.ts';
        offer(mount);`,
      resolveDir: root,
    },
    alias: Object.fromEntries([...ours.reverse(), ...packages.slice(...(driver === 'react' ? [0, 2] : [2]))]),
    define: {
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
    },
    bundle: true,
    write: false,
    format: 'esm',
  });
  return outputFiles[0]!.text;
}

describe.each(Object.entries(frameworks))('a component in %s', (name, framework) => {
  let stage: Stage;
  let code: string;
  beforeAll(async () => {
    [stage, code] = await Promise.all([startStage(), bundle(framework)]);
    expect(code).toContain(`"${framework.version}"`);
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  const room = (which: string) => `${name.toLowerCase().replace(' ', '-')}-${which}`;
  const mounted = async (options: Parameters<BindingsPage['mountRoom']>[0]): Promise<Page> => {
    const page = await stage.open('/test/e2e/pages/blank.html');
    await page.addScriptTag({ type: 'module', content: code });
    // A module in the page runs later than its element comes.
    await page.waitForFunction(() => 'mountRoom' in window);
    await page.evaluate((given) => (window as unknown as BindingsPage).mountRoom(given), options);
    return page;
  };
  const shows = (page: Page, text: string) => page.locator('p').getByText(text, { exact: true }).waitFor();
  /** How often the token of a room was asked for, and how often a client published there. */
  const seen = (of: string) => {
    const log = stage.server.log.since(0);
    const count = (type: string) =>
      log.filter((entry) => entry.type === type && 'room' in entry && entry.room === of).length;
    return { tokens: count('token'), publishes: count('publish') };
  };
  const sockets = () => stage.server.log.since(0).filter(({ type }) => type === 'socket-open').length;

  test('that mounts twice makes one stay, whose people it shows', async () => {
    const before = sockets();
    const [ann, ben] = [
      await mounted({ room: room('twice'), identity: `${room('ann')}`, suspended: true }),
      await mounted({ room: room('twice'), identity: `${room('ben')}` }),
    ];
    await shows(ann, `connected ${room('ben')}`);
    await shows(ben, `connected ${room('ann')}`);
    for (const page of [ann, ben]) {
      await until('both videos play', () =>
        page.evaluate(
          () => [...document.querySelectorAll('video')].filter((one) => one.videoWidth > 0).length === 2,
        ),
      );
      expect(await counted(page)).toMatchObject({ sockets: 1 });
    }
    expect(seen(room('twice'))).toEqual({ tokens: 2, publishes: 2 });
    expect(sockets() - before).toBe(2);
  });

  test('that changes its room after 20 ms is in the new one alone, with one token each', async () => {
    const before = sockets();
    const page = await mounted({ room: room('first'), identity: room('cho') });
    await page.evaluate(async (next) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      (window as unknown as BindingsPage).mounted.setRoom(next);
    }, room('second'));
    await shows(page, 'connected');
    expect(seen(room('first')).tokens).toBeLessThanOrEqual(1);
    expect(seen(room('second'))).toEqual({ tokens: 1, publishes: 1 });
    expect(sockets() - before).toBeLessThanOrEqual(2);
    expect(await counted(page)).toMatchObject({ sockets: 1 });
    await until('only the second room is there', () => {
      const rooms = stage.server.media.rooms().map((one) => one.room);
      return rooms.length === 1 && rooms[0] === room('second');
    });
  });

  test.each([20, 200])('that is unmounted %i ms after its start leaves nothing', async (afterMs) => {
    const of = room(`unmounted-${afterMs}`);
    const page = await mounted({ room: of, identity: room('dan') });
    await page.evaluate(async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      (window as unknown as BindingsPage).mounted.unmount();
    }, afterMs);
    await pause(1_000);
    expect(seen(of).tokens).toBeLessThanOrEqual(1);
    await until('nothing is open', async () => {
      const { sockets: open, connections, liveTracks } = await counted(page);
      return open + connections + liveTracks === 0;
    });
    expect(stage.output.filter((line) => /^(error|\w*Error)/.test(line))).toEqual([]);
  });
});
