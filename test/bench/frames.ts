import type { Page } from 'playwright';

interface CountedWindow {
  counted: { connections: Set<RTCPeerConnection> };
  firstFrame: Promise<number>;
}

/**
 * Starts to watch for the first picture that the page decodes on a connection made after this call. The promise is kept
 * in the page, for {@link firstFrame}.
 */
export function watchForFrame(page: Page): Promise<void> {
  return page.evaluate(() => {
    const page = window as unknown as CountedWindow;
    const old = new Set(page.counted.connections);
    const decoded = async (connection: RTCPeerConnection) => {
      if (old.has(connection) || connection.signalingState === 'closed') return false;
      const entries = [...(await connection.getStats()).values()];
      return entries.some(({ type, framesDecoded }) => type === 'inbound-rtp' && framesDecoded > 0);
    };
    page.firstFrame = (async () => {
      for (const end = Date.now() + 30_000; Date.now() < end; ) {
        const all = await Promise.all([...page.counted.connections].map(decoded));
        if (all.includes(true)) return Date.now();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error('No picture within 30 s.');
    })();
  });
}

/** When that first picture was decoded, ms since the epoch. */
export function firstFrame(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as CountedWindow).firstFrame);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

/** Prints pairs measured in turn, and the median of their ratios; over the limit, if any, the process fails. */
export function reportPairs(
  title: string,
  pairs: readonly { ours: number; other: number }[],
  limit?: number,
): void {
  const ours = pairs.map((pair) => pair.ours);
  const other = pairs.map((pair) => pair.other);
  const ratio = median(pairs.map((pair) => pair.ours / pair.other));
  const range = (values: readonly number[]) =>
    `median ${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
  console.log(`${title}, ${pairs.length} pairs in turn`);
  console.log(`  RoomSession   ${range(ours)}`);
  console.log(`  hand-written  ${range(other)}`);
  const verdict = limit === undefined ? '' : `, at most ${limit}: ${ratio <= limit ? 'reached' : 'MISSED'}`;
  console.log(`  median ratio  ${ratio.toFixed(2)}${verdict}`);
  if (limit !== undefined && ratio > limit) process.exitCode = 1;
}
