import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bothHearAndSee, counted, type Stage, startStage, until } from './harness.ts';
import { hears } from './naf-janus/scenes.ts';

describe('the examples', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => {
    stage.server.settings.endpoint.mode = 'ok';
    return stage.closePages();
  });
  afterAll(() => stage.close());

  const join = async (page: Page, name: string, room: string) => {
    await page.getByLabel('Room').fill(room);
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Join' }).click();
  };
  const inState = (page: Page, text: string) =>
    page.locator('#state').getByText(text, { exact: true }).waitFor();
  /** Two pages of an example that are in one room, as `ann` and `ben`. */
  const twoIn = async (example: string): Promise<[Page, Page]> => {
    const pages: [Page, Page] = [
      await stage.open(`/examples/${example}/`),
      await stage.open(`/examples/${example}/`),
    ];
    // A small scene is drawn faster.
    for (const page of pages) await page.setViewportSize({ width: 320, height: 400 });
    await join(pages[0], `${example}-ann`, example);
    await join(pages[1], `${example}-ben`, example);
    for (const page of pages) await inState(page, 'connected');
    return pages;
  };
  const leave = async (page: Page) => {
    await page.getByRole('button', { name: 'Leave' }).click();
    await inState(page, 'disconnected: left');
    await until('nothing is open', async () => {
      const { sockets, connections, audioContexts, liveTracks } = await counted(page);
      return sockets + connections + audioContexts + liveTracks === 0;
    });
  };
  /** Two pages hear each other; the second hears nothing while the first is muted. */
  const muteIsHeard = async (muted: Page, listener: Page) => {
    await until('the other is heard', async () => (await loudness(listener)) > 0.01);
    await muted.getByLabel('Mute').check();
    await until('the other is silent', async () => (await loudness(listener)) < 0.001);
    await muted.getByLabel('Mute').uncheck();
    await until('the other is heard again', async () => (await loudness(listener)) > 0.01);
  };

  test.each(['ant-media', 'script-tag', 'react', 'vue'])(
    '%s: two hear and see each other, mute, and leave nothing open',
    async (name) => {
      const [ann, ben] = await twoIn(name);
      await until('both hear and see', () => bothHearAndSee(ann, ben));
      await ann.locator('figure').getByText(`${name}-ben`).waitFor();
      expect(
        await ann.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth),
      ).toBeGreaterThan(0);

      await muteIsHeard(ann, ben);

      await leave(ben);
      await until('ann is alone', async () => (await ann.locator('figure').count()) === 0);
      await leave(ann);
      // The page has closed its socket; the server hears of it a moment later.
      await until('the server has no room', async () => stage.server.media.rooms().length === 0);
    },
  );

  test('naf-janus: two hear each other and see avatars, and leave nothing open', async () => {
    const [ann, ben] = await twoIn('naf-janus');
    await until('both hear', async () => (await hears(ann)) && (await hears(ben)));
    const avatars = (page: Page) => page.locator('[networked]:not(#me)').count();
    await until('both see an avatar', async () => (await avatars(ann)) === 1 && (await avatars(ben)) === 1);
    await muteIsHeard(ann, ben);
    await leave(ben);
    await until('ann is alone', async () => (await avatars(ann)) === 0);
    await leave(ann);
    await until('the server has nothing left', () => stage.server.janus.open.sockets === 0);
  });

  test('jitsi: two see each other in the frame, mute, and leave nothing open', async () => {
    const [ann, ben] = await twoIn('jitsi');
    await ann.locator('#others').getByText('jitsi-ben').waitFor();
    await until('both pictures play', () =>
      ann
        .frameLocator('#meeting iframe')
        .locator('video')
        .evaluateAll(
          (videos: HTMLVideoElement[]) => videos.filter((video) => video.videoWidth > 0).length === 2,
        ),
    );
    await ann.getByLabel('Mute').check();
    await ann.frameLocator('#meeting iframe').getByRole('button', { name: 'Unmute' }).waitFor();
    await leave(ben);
    await until('ann is alone', async () => (await ann.locator('#others').textContent()) === '');
    await leave(ann);
    await until('the frame is gone', async () => (await ann.locator('iframe').count()) === 0);
  });

  test.each(['ant-media', 'script-tag', 'react', 'vue', 'naf-janus', 'jitsi'])(
    '%s: shows an error, and fits a phone',
    async (name) => {
      const page = await stage.open(`/examples/${name}/`);
      await page.setViewportSize({ width: 320, height: 640 });
      stage.server.settings.endpoint.mode = 'refuse';
      await join(page, 'ann', 'denied');
      await inState(page, 'disconnected: denied');
      await page.getByRole('alert').getByText('The token endpoint').waitFor();
      stage.server.settings.endpoint.mode = 'ok';
      await join(page, 'ann', 'allowed');
      await inState(page, 'connected');
      expect(await page.getByRole('alert').textContent()).toBe('');
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
      await leave(page);
    },
  );
});

/** The loudest sample that a page gets from others within 1.5 s, from 0 to 1. The fake microphone beeps once a second. */
function loudness(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { connections } = (window as unknown as { counted: { connections: Set<RTCPeerConnection> } })
      .counted;
    const context = new AudioContext();
    // Two thirds of a second: few looks see every sample, however slowly a scene lets the page run.
    const analyser = context.createAnalyser();
    analyser.fftSize = 32_768;
    for (const connection of connections) {
      if (connection.connectionState !== 'connected') continue;
      for (const { track } of connection.getReceivers())
        if (track.kind === 'audio' && track.readyState === 'live')
          context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    }
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    for (let look = 0; look < 3; look++) {
      await new Promise((next) => setTimeout(next, 500));
      analyser.getFloatTimeDomainData(samples);
      loudest = Math.max(loudest, ...samples.map(Math.abs));
    }
    await context.close();
    return loudest;
  });
}
