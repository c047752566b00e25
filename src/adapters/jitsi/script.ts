import type { JitsiMeetExternalAPIClass } from './vendor.ts';

/** The scripts on their way, by address: a second one would count its frames from 0 again and hear the first one's. */
const scripts = new Map<string, Promise<JitsiMeetExternalAPIClass | undefined>>();

/** The class that the page has, from whichever deployment: one serves all. */
export function fromGlobal(): JitsiMeetExternalAPIClass | undefined {
  return (globalThis as { JitsiMeetExternalAPI?: JitsiMeetExternalAPIClass }).JitsiMeetExternalAPI;
}

/** Loads the vendor's script, once however many ask; after a failure the next one to ask loads it again. */
export function loadScript(url: string): Promise<JitsiMeetExternalAPIClass | undefined> {
  const script = scripts.get(url) ?? addScript(url).finally(() => scripts.delete(url));
  scripts.set(url, script);
  return script;
}

function addScript(url: string): Promise<JitsiMeetExternalAPIClass | undefined> {
  const element = document.createElement('script');
  const loaded = new Promise<void>((resolve, reject) => {
    element.onload = () => resolve();
    element.onerror = () => reject(new Error('The script did not load.'));
  });
  element.src = url;
  document.head.append(element);
  return loaded.finally(() => element.remove()).then(fromGlobal);
}
