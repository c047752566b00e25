/** The browsers that the browser tests run in, both with fake devices. */
import { type Browser, type BrowserContext, chromium, firefox } from 'playwright';
import { contextOptions, launchOptions } from '../chromium.ts';
import { firefoxLaunchOptions } from './firefox.ts';

export type BrowserName = 'chromium' | 'firefox';

/** Which one the tests of this process run in: TEST_BROWSER, else Chromium. */
export const browserName: BrowserName = process.env['TEST_BROWSER'] === 'firefox' ? 'firefox' : 'chromium';

/** Starts a browser. @throws Error saying how to get one, where none is found */
export async function launchBrowser(name: BrowserName): Promise<Browser> {
  return name === 'firefox' ? firefox.launch(firefoxLaunchOptions()) : chromium.launch(await launchOptions());
}

/** A context in which camera and microphone are allowed. Firefox is started so that they are. */
export const newContext = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext(browser.browserType().name() === 'firefox' ? {} : contextOptions);
