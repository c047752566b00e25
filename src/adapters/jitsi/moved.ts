import type { JitsiMeetExternalAPI } from './vendor.ts';

/**
 * Calls `tell` when the app has moved the frame in its page. The browser then loads it anew in another window, while the
 * vendor's object goes on speaking to the first one: nothing is heard of that page, and nothing reaches it. A page that
 * loads itself again keeps its window.
 */
export function onMoved(api: JitsiMeetExternalAPI, signal: AbortSignal, tell: () => void): void {
  const frame = api.getIFrame?.();
  if (!frame) return;
  const first = frame.contentWindow;
  frame.addEventListener('load', () => frame.contentWindow !== first && tell(), { signal });
}
