import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass } from './vendor.ts';

/** The scripts that are loading, by address. A second one would number its frames from 0 again, and hear the first one's. */
const scripts = new Map<string, Promise<void>>();

/** The class that the page has, from any deployment: they are alike. */
export function fromGlobal<V extends JitsiMeetExternalAPI>(): JitsiMeetExternalAPIClass<V> | undefined {
  return (globalThis as { JitsiMeetExternalAPI?: JitsiMeetExternalAPIClass<V> }).JitsiMeetExternalAPI;
}

/** Loads the vendor's script, once for all who ask at the same time. After a failure the next call loads it again. */
export function loadScript(url: string): Promise<void> {
  const script = scripts.get(url) ?? addScript(url).finally(() => scripts.delete(url));
  scripts.set(url, script);
  return script;
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
