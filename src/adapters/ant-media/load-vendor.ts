import { loadVendor } from '../load.ts';
import type { AntMediaOptions } from './options.ts';
import type { WebRTCAdaptor, WebRTCAdaptorClass } from './vendor.ts';

const advice = 'Give antMedia({ load }) that imports @antmedia/webrtc_adaptor, or set window.WebRTCAdaptor.';

/**
 * The vendor's class, from the options or the page.
 *
 * @throws `vendor_missing`
 */
export function loadClass<V extends WebRTCAdaptor>({
  vendor,
  load,
}: AntMediaOptions<V>): Promise<WebRTCAdaptorClass<V>> {
  return loadVendor(vendor, load && (() => loadQuietly(load)), fromPage<V>, advice);
}

function fromPage<V extends WebRTCAdaptor>(): WebRTCAdaptorClass<V> | undefined {
  const page = globalThis as {
    WebRTCAdaptor?: WebRTCAdaptorClass<V>;
    webrtc_adaptor?: { WebRTCAdaptor?: WebRTCAdaptorClass<V> };
  };
  return page.WebRTCAdaptor ?? page.webrtc_adaptor?.WebRTCAdaptor;
}

/** Runs an import of the vendor's module, gives the page its own `window.log` back and silences the vendor's. */
export async function loadQuietly<Result>(load: () => Promise<Result>): Promise<Result> {
  const page = globalThis as { log?: { setLevel?(level: string, persist: boolean): void } | undefined };
  const { log } = page;
  try {
    return await load();
  } finally {
    if (page.log !== log) {
      page.log?.setLevel?.('silent', false);
      page.log = log;
    }
  }
}
