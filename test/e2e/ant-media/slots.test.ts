import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MediaSettings } from '../../../dev/server/settings.ts';
import { pause, type Stage, startStage, until } from '../harness.ts';
import type { Guest, Seen, SlotsPage } from '../pages/slots.ts';

const looks = [
  { id: 'ann', name: 'Ann Ames', hue: 0, tone: 500 },
  { id: 'bob', name: 'Bob Bell', hue: 120, tone: 900 },
  { id: 'cyd', name: 'Cyd Cole', hue: 240, tone: 1_400 },
  { id: 'dee', name: 'Dee Dunn', hue: 60, tone: 2_000 },
] as const;
type Person = (typeof looks)[number];
const [ann, bob, cyd, dee] = looks;
const tones = looks.map(({ tone }) => tone);

/** Whether a page shows exactly these people as the ones they are, with their names, and hears them. */
function fits({ names, hues, tones: heard }: Seen, me: Person, all: readonly Person[]): boolean {
  const others = all.filter((person) => person !== me);
  const isShown = ({ id, name, hue }: Person) => {
    const seen = hues[id];
    const apart = seen === undefined ? 180 : Math.abs(((seen - hue + 540) % 360) - 180);
    return names[id] === name && apart < 25;
  };
  return (
    others.every(isShown) && others.every(({ tone }) => heard.includes(tone)) && !heard.includes(me.tone)
  );
}

describe('a room in slots', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.closePages());
  afterAll(() => stage.close());

  const set = (media: Partial<MediaSettings>) =>
    Object.assign(stage.server.settings.media, {
      ...{ slots: { video: 5, audio: 3 }, slotLists: 'pushed', audioLevels: false, slotTurnMs: null },
      ...{ edition: 'enterprise' },
      ...media,
    });
  const open = async () => {
    const page = await stage.open('/test/e2e/pages/slots.html');
    await page.waitForFunction(() => document.documentElement.dataset['state']);
    return page;
  };
  const join = (page: Page, guest: Guest, how: 'joinWithSession' | 'joinAsVendorDoes') =>
    page.evaluate(([who, way]) => (window as unknown as SlotsPage)[way](who), [guest, how] as const);
  const look = (page: Page) => page.evaluate((list) => (window as unknown as SlotsPage).look(list), tones);
  const speak = (page: Page, on: boolean) =>
    page.evaluate((speaks) => (window as unknown as SlotsPage).speak(speaks), on);

  test.each([
    ['pushes every list', { audioLevels: true }],
    ['never says whose the sound is', {}],
    ['says it only when asked', { slotLists: 'asked' }],
    ['loses its one list', { slotLists: 'lost' }],
    ['has tracks by name', { slots: null }],
    ['is older than 2.14 and loses its one list', { slotLists: 'lost', edition: 'before-2.14' }],
  ] as const)(
    'of a server that %s: two of the vendor’s way and one session hear and see each other with names within 5 s',
    async (what, media) => {
      set(media);
      const room = `slots-${what.replaceAll(/\W/g, '')}`;
      const pages = await Promise.all([open(), open(), open()]);
      const [first, second, third] = pages as [Page, Page, Page];
      await join(first, { room, ...ann }, 'joinAsVendorDoes');
      await join(second, { room, ...bob }, 'joinWithSession');
      await join(third, { room, ...cyd }, 'joinAsVendorDoes');
      const all = [ann, bob, cyd];
      let seen: Seen[] = [];
      const isComplete = async () => {
        seen = await Promise.all(pages.map(look));
        return seen.every((one, index) => fits(one, all[index] as Person, all));
      };
      try {
        await until('all hear and see all', isComplete, 5_000);
      } catch {
        expect.fail(`Not within 5 s: ${JSON.stringify(seen)}`);
      }
    },
  );

  test('of fewer slots than participants: the one who speaks is heard, and all are there with names', async () => {
    set({ slots: { video: 1, audio: 1 } });
    const room = 'few-slots';
    const pages = (await Promise.all([open(), open(), open(), open()])) as [Page, Page, Page, Page];
    const [mine, ...others] = pages;
    for (const [index, person] of [bob, cyd, dee].entries()) {
      const page = others[index] as Page;
      await join(page, { room, ...person }, 'joinAsVendorDoes');
      await speak(page, false);
    }
    await join(mine, { room, ...ann }, 'joinWithSession');
    const names = async () => (await look(mine)).names;
    await until('all are there', async () => Object.keys(await names()).length === 3, 5_000);
    expect(await names()).toEqual({ bob: 'Bob Bell', cyd: 'Cyd Cole', dee: 'Dee Dunn' });
    for (const [index, { tone }] of [bob, cyd, dee].entries()) {
      await speak(others[index] as Page, true);
      await until(`${tone} Hz is heard`, async () => (await look(mine)).tones.includes(tone), 3_000);
      await speak(others[index] as Page, false);
      await pause(1_200);
    }
    const events = await mine.evaluate(() => (window as unknown as SlotsPage).events);
    expect(events.filter(({ name }) => name === 'participantLeft')).toEqual([]);
    const told = events.filter(({ name }) => String(name).startsWith('track'));
    expect(told.length).toBeLessThan(20);
  });

  test('with a page of the vendor’s: each side sees when the other mutes, and what it says of itself', async () => {
    set({});
    const [theirs, ours] = (await Promise.all([open(), open()])) as [Page, Page];
    await join(theirs, { room: 'mutes', ...ann }, 'joinAsVendorDoes');
    await join(ours, { room: 'mutes', ...bob }, 'joinWithSession');
    const told = () =>
      theirs.evaluate(() => {
        const { conference } = window as unknown as SlotsPage;
        return { said: conference?.said ?? [], metaData: conference?.metaData.get('bob') };
      });
    const shown = () =>
      ours.evaluate(() => {
        const [{ microphone, camera, metadata } = {}] =
          (window as unknown as SlotsPage).session?.participants ?? [];
        return { microphone, camera, metadata };
      });
    await until(
      'both are there',
      async () => (await look(ours)).names['ann'] && (await look(theirs)).names['bob'],
    );
    await ours.evaluate(async () => {
      const { session, conference } = window as unknown as SlotsPage;
      session?.setMetadata({ hand: 'up' });
      await session?.setMicrophone(false);
      return conference;
    });
    await until('they hear of it', async () =>
      (await told()).said.some(({ eventType }) => eventType === 'MIC_MUTED'),
    );
    expect((await told()).said.at(-1)).toMatchObject({ eventType: 'MIC_MUTED', streamId: 'bob' });
    await theirs.evaluate(() => {
      const { conference } = window as unknown as SlotsPage;
      conference?.adaptor.getSubtracks('mutes', '', 0, 50);
      conference?.adaptor.updateStreamMetaData(
        'ann',
        JSON.stringify({ isMicMuted: false, isCameraOn: false, seat: 3 }),
      );
      conference?.adaptor.sendData('ann', JSON.stringify({ eventType: 'CAM_TURNED_OFF', streamId: 'ann' }));
    });
    await until('we see it', async () => (await shown()).camera === false);
    await until('they have it for newcomers', async () =>
      (await told()).metaData?.includes('"isMicMuted":true'),
    );
    expect(JSON.parse((await told()).metaData ?? '')).toMatchObject({ hand: 'up', isMicMuted: true });
  });
});
