/** How a page looks: pictures of it in four ways, and what axe finds. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';

const root = join(import.meta.dirname, '..');
const axe = join(root, 'node_modules/axe-core/axe.min.js');
const folder = join(root, '.cache/screenshots');

/** A desk and a phone, by day and by night. */
export const looks = [1280, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
);

export interface Look {
  /** What axe finds: rule, element and reason. */
  readonly violations: readonly string[];
  /** How far the page is wider than its window, in px. */
  readonly tooWide: number;
}

/** Looks at a page as it is now, and keeps a picture of it in `.cache/screenshots/`. */
export async function lookAt(
  page: Page,
  name: string,
  { width, scheme }: (typeof looks)[number],
): Promise<Look> {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  // Colours change in a transition.
  await page.waitForTimeout(600);
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`) });
  await page.addScriptTag({ path: axe });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run();
    const { scrollWidth, clientWidth } = document.documentElement;
    return {
      violations: violations.flatMap(({ id, nodes }) =>
        nodes.map(
          ({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary.slice(0, 160)}`,
        ),
      ),
      tooWide: scrollWidth - clientWidth,
    };
  });
}

export const fine: Look = { violations: [], tooWide: 0 };
