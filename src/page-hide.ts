/** What leaves with the page. */
interface Leaver {
  /** Aborts when there is nothing to leave. */
  readonly signal: AbortSignal;
  leave(): void;
  /** The page came back from the back/forward cache. */
  rejoin(): void;
}

/**
 * Leaves when the page goes, so that the server and the others need no timeout to see it; a page that the back/forward
 * cache brings back joins again. Where there are no pages (Node, workers) nothing happens.
 */
export function leaveWithPage({ signal, leave, rejoin }: Leaver): void {
  const page: Partial<Pick<EventTarget, 'addEventListener'>> = globalThis;
  const onHide = ({ persisted }: PageTransitionEvent) => {
    leave();
    if (persisted) page.addEventListener?.('pageshow', rejoin, { once: true });
  };
  page.addEventListener?.('pagehide', onHide as EventListener, { signal });
}
