import type { Page } from 'playwright';
import { type VendorScriptVersion, vendorScript } from '../../../dev/server/jitsi/vendor-script.ts';
import type { Stage } from '../harness.ts';

/** Where the deployment is, as the app names it. */
export const domain = 'meet.test/jitsi';

/**
 * Puts a deployment at `https://meet.test`, for one page: the vendor's script as it is, to the letter, and the stand-in's
 * page and sockets behind it.
 *
 * @returns its access log: of each request the address and the referrer
 */
export async function deploy(
  page: Page,
  { server }: Stage,
  version: VendorScriptVersion,
): Promise<readonly string[]> {
  const log: string[] = [];
  const behind = (address: string, scheme: string) => {
    const { pathname, search } = new URL(address);
    return `${scheme}://127.0.0.1:${server.port}${pathname}${search}`;
  };
  await page.context().route('https://meet.test/**', async (route) => {
    const { referer = '' } = await route.request().allHeaders();
    const url = route.request().url();
    log.push(`${url} ${referer}`);
    if (url.endsWith('/external_api.js')) {
      return route.fulfill({ contentType: 'text/javascript', body: await vendorScript(version) });
    }
    const answer = await fetch(behind(url, 'http'));
    const contentType = answer.headers.get('content-type') ?? '';
    return route.fulfill({ status: answer.status, contentType, body: await answer.text() });
  });
  await page.context().routeWebSocket('wss://meet.test/**', (socket) => {
    const server = new WebSocket(behind(socket.url(), 'ws'));
    const opened = new Promise((resolve) => server.addEventListener('open', resolve));
    socket.onMessage(async (message) => {
      await opened;
      server.send(`${message}`);
    });
    socket.onClose((code) => server.close(code === 1005 ? undefined : code));
    server.onmessage = ({ data }) => socket.send(data);
    server.onclose = ({ code }) => socket.close({ code: code === 1006 ? 3001 : code });
  });
  return log;
}

/** Records from now on what a script of the page can see: the DOM with all that it ever was, and the resources. */
export function record(page: Page): Promise<void> {
  return page.evaluate(() => {
    const seen: string[] = [];
    const look = (node: Node) => node instanceof Element && seen.push(node.outerHTML);
    const options = { subtree: true, childList: true, attributes: true, attributeOldValue: true };
    new MutationObserver((changes) => {
      for (const { target, oldValue, addedNodes, removedNodes } of changes) {
        seen.push(`${oldValue}`);
        for (const node of [target, ...addedNodes, ...removedNodes]) look(node);
      }
    }).observe(document, options);
    new PerformanceObserver((list) => {
      seen.push(JSON.stringify(list.getEntries()));
    }).observe({ entryTypes: ['resource', 'navigation', 'mark', 'measure'] });
    Object.assign(window, { seen });
  });
}

/** What was recorded, and what the page can look up by now. */
export function recorded(page: Page): Promise<string> {
  return page.evaluate(() =>
    [
      ...(window as unknown as { seen: string[] }).seen,
      JSON.stringify(performance.getEntries()),
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll('iframe')].map(({ src }) => src),
    ].join('\n'),
  );
}
