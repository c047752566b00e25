import type { Page } from 'playwright';
import type { LogEntry } from '../../../dev/server/event-log.ts';
import { identityOf } from '../../../dev/server/janus/identity.ts';
import { pause, received, type Stage } from '../harness.ts';
import type { NafOptions, NafPage } from '../pages/naf.ts';
import type { RecipePage } from '../pages/naf-recipe.ts';
import type { JoinOutcome } from '../pages/told.ts';

/** The two ways in: the session connects the scene, or follows one that connects by itself. */
export const ways = [
  { way: 'session-driven', sceneDriven: false },
  { way: 'scene-driven', sceneDriven: true },
] as const;

/** A page with A-Frame, networked-aframe and the vendor's adapter, and no scene yet. */
export async function scenePage(stage: Stage): Promise<Page> {
  const page = await stage.open('/test/e2e/pages/naf.html');
  await page.waitForFunction(() => 'openScene' in window && 'openRecipe' in window);
  return page;
}

/** Adds a scene to the page, and says how its join ended. */
export function tryScene(page: Page, options: NafOptions): Promise<JoinOutcome> {
  return page.evaluate((openOptions) => (window as unknown as NafPage).tryScene(openOptions), options);
}

/** A page with a scene that is in the room. */
export async function sceneIn(stage: Stage, options: NafOptions): Promise<Page> {
  const page = await scenePage(stage);
  const outcome = await tryScene(page, options);
  if (outcome.state !== 'connected') throw new Error(`Not in the room: ${JSON.stringify(outcome)}`);
  return page;
}

/** The recipe of the vendor's document: how the scene's connect ended. */
export async function recipeIn(
  stage: Stage,
  room: string,
  identity: string,
): Promise<{ page: Page; refusal?: string }> {
  const page = await scenePage(stage);
  const refusal = await page.evaluate(
    ([roomName, me]) =>
      (window as unknown as RecipePage).openRecipe(roomName, me).then(
        () => undefined,
        (error) => `${error?.msg ?? error}`,
      ),
    [room, identity] as const,
  );
  return refusal === undefined ? { page } : { page, refusal };
}

/** Sound flows into the page. */
export async function hears(page: Page): Promise<boolean> {
  const before = await received(page);
  await pause(700);
  return (await received(page)).audioBytes > before.audioBytes + 500;
}

/** Each hears, and each sees how the other's avatar moves. */
export async function hearAndSeeMove(a: Page, b: Page): Promise<boolean> {
  const places = [Math.round(Math.random() * 80) / 10, -Math.round(Math.random() * 80) / 10] as const;
  const move = (page: Page, x: number) => page.evaluate((to) => (window as unknown as NafPage).moveTo(to), x);
  const avatars = (page: Page) => page.evaluate(() => (window as unknown as NafPage).avatars());
  await Promise.all([move(a, places[0]), move(b, places[1])]);
  const heard = await Promise.all([hears(a), hears(b)]);
  const [seenByA, seenByB] = await Promise.all([avatars(a), avatars(b)]);
  return heard.every(Boolean) && seenByA.includes(places[1]) && seenByB.includes(places[0]);
}

/** The joins that the server got in a room since log entry `since`, by identities. */
export function joinsSince(stage: Stage, room: string, since = 0): Join[] {
  const isJoin = (entry: LogEntry): entry is Join => entry.type === 'janus-join';
  return stage.server.log
    .since(since)
    .filter(isJoin)
    .filter((entry) => entry.room === room)
    .map(({ user, media, ...entry }) => ({
      ...entry,
      user: identityOf(user),
      ...(media === undefined ? {} : { media: identityOf(media) }),
    }));
}

type Join = Extract<LogEntry, { type: 'janus-join' }>;
