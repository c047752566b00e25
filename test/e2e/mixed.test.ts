/** A room with one in Firefox and one in Chromium, on each backend. It runs in Firefox's project only. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bothHearAndSee, counted, joined, pause, type Stage, startStage, until } from './harness.ts';
import { inMeeting, othersOf } from './jitsi/meetings.ts';
import { hearAndSeeMove, sceneIn } from './naf-janus/scenes.ts';
import type { TestPage } from './pages/sdk.ts';

const lifetimeS = 12;
/** Every token that was issued up to now has ended. */
const untilExpired = () => pause((lifetimeS + 2) * 1_000);

interface Backend {
  /** A page that is in the room. */
  readonly join: (stage: Stage, name: string) => Promise<Page>;
  readonly areTogether: (one: Page, other: Page) => Promise<boolean>;
  /** The server cuts all sockets, and takes new ones or refuses them. */
  readonly cut: (stage: Stage) => unknown;
  readonly setAccept: (stage: Stage, accepts: boolean) => void;
  /** How many connections the server still has. */
  readonly left: (stage: Stage) => number;
}

const room = 'mixed';

const backends: Record<string, Backend> = {
  'Ant Media': {
    join: (stage, name) => joined(stage, room, `ant-media-${name}`),
    areTogether: bothHearAndSee,
    cut: ({ server }) => server.media.drop({ room }),
    setAccept({ server }, accepts) {
      server.settings.media.acceptSockets = accepts;
    },
    left: ({ server }) => server.media.rooms().length,
  },
  Janus: {
    join: (stage, name) => sceneIn(stage, { room, identity: name, sceneDriven: false }),
    areTogether: hearAndSeeMove,
    cut: ({ server }) => server.janus.drop({ room }),
    setAccept({ server }, accepts) {
      server.settings.janus.acceptSockets = accepts;
    },
    left: ({ server }) => server.janus.open.sockets,
  },
  Jitsi: {
    join: (stage, name) => inMeeting(stage, { identity: name }),
    areTogether: async (one, other) =>
      (await othersOf(one)).length === 1 && (await othersOf(other)).length === 1,
    cut: ({ server }) => server.jitsi.drop(),
    setAccept({ server }, accepts) {
      server.settings.jitsi.acceptSockets = accepts;
    },
    left: ({ server }) => server.jitsi.rooms().length,
  },
};

describe.concurrent('one in Firefox and one in Chromium', () => {
  let stage: Stage;
  let inChromium: Stage;
  beforeAll(async () => {
    // The server forgets at once who was cut off.
    stage = await startStage({ settings: { tokenLifetimeS: lifetimeS, jitsi: { sessionHoldMs: 3_000 } } });
    inChromium = await stage.in('chromium');
  });
  // It fails where a token shows in a console of one of them.
  afterAll(() => stage.close());

  test.each(Object.entries(backends))(
    'are together on %s: late, after a drop and after an outage; nothing is left',
    async (_, { join, areTogether, cut, setAccept, left }) => {
      const ann = await join(stage, 'ann');
      await untilExpired();
      const bob = await join(inChromium, 'bob');
      await until('both are together', () => areTogether(ann, bob), 30_000);

      await cut(stage);
      await pause(1_000);
      await until('both are together after a drop', () => areTogether(ann, bob), 30_000);

      setAccept(stage, false);
      await cut(stage);
      await untilExpired();
      setAccept(stage, true);
      await until('both are together after an outage', () => areTogether(ann, bob), 40_000);

      for (const page of [ann, bob]) {
        await page.evaluate(() => (window as unknown as TestPage).session?.leave());
        await until('nothing is open in the page', async () => {
          const { sockets, connections, audioContexts, liveTracks } = await counted(page);
          return sockets + connections + audioContexts + liveTracks === 0;
        });
      }
      await until('nothing is left on the server', () => left(stage) === 0);
      expect(await ann.locator('iframe').count()).toBe(0);
    },
  );
});
