import type { JoinContext } from '../../adapter.ts';
import { makeTimers } from '../../timers.ts';
import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass } from './vendor.ts';

/** How long a script may take, in ms. */
const patienceMs = 10_000;

/** The scripts that are loading, by address. A second one would number its frames from 0 again, and hear the first one's. */
const scripts = new Map<string, Promise<void>>();

/** The class that the page has, from any deployment: they are alike. */
export function fromGlobal<V extends JitsiMeetExternalAPI>(): JitsiMeetExternalAPIClass<V> | undefined {
  return (globalThis as { JitsiMeetExternalAPI?: JitsiMeetExternalAPIClass<V> }).JitsiMeetExternalAPI;
}

/**
 * Loads the vendor's script, once for all who ask at the same time. One that hangs is given up after 10 s, and asked for
 * once more. After a failure the next call loads it again. It never settles where the join ends first.
 */
export async function loadScript(url: string, { clock, signal }: JoinContext): Promise<void> {
  const timer = makeTimers(clock, signal);
  // Under the same address, a browser would wait for the request that hangs.
  for (const address of [url, `${url}${url.includes('?') ? '&' : '?'}again`]) {
    const script = scripts.get(url) ?? addScript(address);
    scripts.set(url, script);
    const hangs = new Promise<true>((resolve) => timer('script', patienceMs, () => resolve(true)));
    try {
      if (!(await Promise.race([script, hangs]))) return;
    } finally {
      timer('script');
      if (scripts.get(url) === script) scripts.delete(url);
    }
  }
  throw new Error(`The script did not load within ${(2 * patienceMs) / 1000} s.`);
}

function addScript(url: string): Promise<void> {
  const element = document.createElement('script');
  const loaded = new Promise<void>((resolve, reject) => {
    element.onload = () => resolve();
    element.onerror = () => reject(new Error('The script did not load.'));
  });
  element.src = url;
  document.head.append(element);
  return loaded.finally(() => element.remove());
}
