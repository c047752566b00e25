import type { Page } from 'playwright';
import type { RoomSession } from 'room-session';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { counted, joined, peakAt, received, type Stage, startStage, until } from './harness.ts';
import { sceneIn } from './naf-janus/scenes.ts';

/** Of 1. The fake microphone's beep is 1. */
const silence = 0.001;

interface CallPage {
  readonly session: RoomSession;
  readonly events: Record<string, unknown>[];
}

interface Vendor {
  switchAudioInputSource(streamId: string, deviceId: string): Promise<unknown>;
}

const ways: Record<string, { enter(stage: Stage, who: string): Promise<Page>; drop(stage: Stage): unknown }> =
  {
    'Ant Media': {
      enter: (stage, who) => joined(stage, 'call', who),
      drop: (stage) => stage.server.media.drop({ room: 'call' }),
    },
    Janus: {
      enter: (stage, who) => sceneIn(stage, { room: 'call', identity: who }),
      drop: (stage) => stage.server.janus.drop({ room: 'call' }),
    },
  };

describe.each(Object.entries(ways))('a call on %s', (name, way) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  test('a muted person is silent over a device change and a drop, and is heard when they say so', async () => {
    const [speaker, listener] = [await way.enter(stage, 'ann'), await way.enter(stage, 'bob')];
    await until('the listener hears', async () => (await peakAt(listener)) > 0.05);
    await until('the listener is told who speaks', async () => (await told(listener, 'speakersChanged')) > 0);
    await act(speaker, async ({ session }) => session.setMicrophone(false));
    await until('the listener hears nothing', async () => (await peakAt(listener)) < silence);
    await act(speaker, async ({ session }) => {
      const others = session.devices.filter(({ kind }) => kind === 'microphone');
      await session.setDevice('microphone', others.at(-1)?.deviceId ?? '');
    });
    expect(await peakAt(listener)).toBeLessThan(silence);
    if (name === 'Ant Media') {
      await act(speaker, async ({ session }) => {
        const { deviceId = '' } = session.devices.find(({ kind }) => kind === 'microphone') ?? {};
        await (session.vendor as Vendor).switchAudioInputSource('ann', deviceId);
      });
      expect(await peakAt(listener)).toBeLessThan(silence);
    }
    await way.drop(stage);
    await until(
      'both are connected again',
      async () => (await connectedTwice(speaker)) && connectedTwice(listener),
    );
    await until('the listener has sound again', async () => (await received(listener)).audioBytes > 0);
    expect(await peakAt(listener)).toBeLessThan(silence);
    await act(speaker, async ({ session }) => session.setMicrophone(true));
    await until('the listener hears again', async () => (await peakAt(listener)) > 0.05);
    await act(speaker, async ({ session }) => session.leave());
    expect((await counted(speaker)).liveTracks).toBe(0);
  });

  test('messages go both ways, to all and to one', async () => {
    const [a, b] = [await way.enter(stage, 'ann'), await way.enter(stage, 'bob')];
    await until('each sees the other', async () => (await others(a)) === 1 && (await others(b)) === 1);
    await act(a, async ({ session }) => session.send({ chat: '<script>hello</script>' }));
    await act(b, async ({ session }) => session.send('psst', { to: session.participants[0]?.id }));
    await until('the first is there', async () => (await messages(b)).length === 1);
    await until('the second is there', async () => (await messages(a)).length === 1);
    expect(await messages(b)).toEqual([{ chat: '<script>hello</script>' }]);
    expect(await messages(a)).toEqual(['psst']);
  });
});

function act(page: Page, work: (page: CallPage) => Promise<unknown>): Promise<unknown> {
  return page.evaluate(`(${work})(window)`);
}

const told = (page: Page, event: string): Promise<number> =>
  page.evaluate(
    (wanted) => (window as unknown as CallPage).events.filter(({ name }) => name === wanted).length,
    event,
  );

const connectedTwice = (page: Page): Promise<boolean> =>
  page.evaluate(
    () => (window as unknown as CallPage).events.filter(({ state }) => state === 'connected').length === 2,
  );

const others = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as CallPage).session.participants.length);

const messages = (page: Page): Promise<unknown[]> =>
  page.evaluate(() =>
    (window as unknown as CallPage).events.flatMap(({ name, data }) => (name === 'message' ? [data] : [])),
  );
