import type { Page } from 'playwright';
import type { RoomSession } from 'room-session';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { joined, peakAt, type Stage, sdkPage, startStage, until } from './harness.ts';
import { sceneIn, scenePage } from './naf-janus/scenes.ts';
import type { NafPage } from './pages/naf.ts';
import type { TestPage } from './pages/sdk.ts';

/** A page, with the stream that its app opened before the join: on a preview page, say. */
interface OwnPage extends TestPage, NafPage {
  own: MediaStream;
  session: RoomSession | undefined;
}

const room = 'preview';
/** Of 1. A decoder makes a little noise of its own; the fake microphone's beep is 1. */
const silence = 0.001;

/** Joins with the app's own stream; the code runs in the page. */
const ways: Record<
  string,
  {
    listen(stage: Stage): Promise<Page>;
    open(stage: Stage): Promise<Page>;
    join(page: Page): Promise<unknown>;
  }
> = {
  'Ant Media': {
    listen: (stage) => joined(stage, room, 'listener'),
    open: sdkPage,
    join: (page) =>
      page.evaluate((name) => {
        const { open, own } = window as unknown as OwnPage;
        return open({ adapter: { localStream: own }, identity: 'speaker' }).join(name);
      }, room),
  },
  'Janus, the session connects the scene': {
    listen: (stage) => sceneIn(stage, { room, identity: 'listener' }),
    open: scenePage,
    join: (page) =>
      page.evaluate((name) => {
        const { openScene, own } = window as unknown as OwnPage;
        return openScene({ room: name, identity: 'speaker', adapter: { localStream: own } });
      }, room),
  },
  'Janus, the scene connects by itself': {
    listen: (stage) => sceneIn(stage, { room, identity: 'listener' }),
    open: scenePage,
    join: (page) =>
      page.evaluate((name) => {
        const { openScene, own } = window as unknown as OwnPage;
        const onReady = ({ detail }: CustomEventInit) => detail.setLocalMediaStream(own);
        // It does not bubble.
        document.addEventListener('adapter-ready', onReady, { capture: true, once: true });
        return openScene({ room: name, identity: 'speaker', sceneDriven: true });
      }, room),
  },
};

describe.each(Object.entries(ways))('a person who is muted on the preview page: %s', (_, way) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  test('is heard when they say so and not else, and their stream is as it was after leave', async () => {
    const listener = await way.listen(stage);
    const page = await way.open(stage);
    await page.evaluate(async () => {
      const video = { width: 160, height: 120, frameRate: 5 };
      const own = await navigator.mediaDevices.getUserMedia({ audio: true, video });
      for (const track of own.getAudioTracks()) track.enabled = false;
      Object.assign(window, { own });
    });
    const before = await ownTracks(page);
    await way.join(page);
    await until('the listener has the sound', () => hasSound(listener));
    expect(await peakAt(listener)).toBeLessThan(silence);
    const turn = (on: boolean) =>
      page.evaluate(async (isOn) => {
        const { session } = window as unknown as OwnPage;
        await session?.setMicrophone(isOn);
        await session?.setCamera(isOn);
      }, on);
    await turn(true);
    await until('the listener hears', async () => (await peakAt(listener)) > 0.05);
    await turn(false);
    await until('the listener hears nothing', async () => (await peakAt(listener)) < silence);
    await page.evaluate(() => (window as unknown as OwnPage).session?.leave());
    expect(await ownTracks(page)).toEqual(before);
    expect(before).toEqual(['audio false live', 'video true live']);
  });
});

const ownTracks = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    (window as unknown as OwnPage).own
      .getTracks()
      .map(({ kind, enabled, readyState }) => `${kind} ${enabled} ${readyState}`),
  );

const hasSound = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const streams = [...document.querySelectorAll('audio, video')].map(
      (element) => (element as HTMLMediaElement).srcObject as MediaStream | null,
    );
    return streams.some((stream) => (stream?.getAudioTracks().length ?? 0) > 0);
  });
