import type { Clock } from '../../clock.ts';
import { callSafely } from '../../report-error.ts';
import type { JitsiMeetExternalAPI, VendorDevices } from './vendor.ts';

/** How long a page may take to leave, in ms. A frame that is removed before that stays in the room as a ghost for a minute. */
const hangUpLimitMs = 3_000;

/**
 * Asks the page of a frame. A page that is loading, or was removed, never answers.
 *
 * @param limitMs how long to wait for the answer, in ms. Default 1 000
 * @returns the answer; `undefined` where the question fails, the answer is late, or `signal` aborts. Never rejects.
 */
export function ask<Answer>(
  question: () => Promise<Answer>,
  clock: Clock,
  signal?: AbortSignal,
  limitMs = 1_000,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const finish = (answer?: Answer) => {
      cancel();
      signal?.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = () => finish();
    const cancel = clock.setTimer(giveUp, limitMs);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) return giveUp();
    // An older page may lack the method.
    new Promise<Answer>((answered) => answered(question())).then(finish, giveUp);
  });
}

/** The labels of the devices that the page uses: the vendor takes them by their labels. As {@link ask}. */
export async function currentDevices(
  api: JitsiMeetExternalAPI,
  clock: Clock,
  signal: AbortSignal,
): Promise<VendorDevices<string> | undefined> {
  const devices = await ask(() => api.getCurrentDevices(), clock, signal);
  const labels = Object.entries(devices ?? {}).flatMap(([name, device]) =>
    device?.label ? [[name, device.label]] : [],
  );
  return devices && Object.fromEntries(labels);
}

/** Resolves when the page has left the meeting, after 3 s at the latest. Never rejects. */
export async function hangUp(api: JitsiMeetExternalAPI, clock: Clock): Promise<void> {
  const left = () =>
    new Promise<void>((resolve) => {
      api.addListener('readyToClose', () => resolve());
      api.executeCommand('hangup');
    });
  await ask(left, clock, undefined, hangUpLimitMs);
}

/** Frees everything of the vendor's. A step that throws is reported, and does not stop the others. */
export async function removeFrame(api: JitsiMeetExternalAPI): Promise<void> {
  await callSafely(() => api.dispose());
  await callSafely(() => api.removeAllListeners?.());
  await callSafely(() => api.getIFrame?.()?.remove());
}
