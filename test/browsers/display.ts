/** A display for Firefox, which has WebGL only where there is one: the machine's, else an Xvfb that runs with the tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Vitest calls it before the tests; what it returns, after them. */
export default async function startDisplay(): Promise<(() => void) | undefined> {
  if (process.env['DISPLAY'] || process.platform !== 'linux') return undefined;
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await firstLine(xvfb);
  if (display === undefined) return undefined;
  process.env['DISPLAY'] = `:${display}`;
  return () => void xvfb.kill();
}

/** What it writes when it is ready: the number of its display. `undefined` where there is no Xvfb. */
function firstLine(xvfb: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    xvfb.once('error', () => resolve(undefined));
    xvfb.once('exit', () => resolve(undefined));
    (xvfb.stdio[3] as Readable).once('data', (data) => resolve(String(data).trim()));
  });
}
