import type { PageSettings } from '../server/jitsi/messages.ts';

let known = JSON.parse(document.getElementById('settings')?.textContent ?? '{}') as PageSettings;

/** The server's settings as they are now; without a network, as they were last. */
export async function readSettings(): Promise<PageSettings> {
  try {
    known = (await (await fetch('/jitsi/libs/settings.json')).json()) as PageSettings;
  } catch {
    // What was known goes on.
  }
  return known;
}

/** The settings without asking. */
export function knownSettings(): PageSettings {
  return known;
}
