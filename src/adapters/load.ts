import { RoomSessionError } from '../errors.ts';

/**
 * The vendor's library, from the first place that has it: the one `given` by the app, what `load` brings (called once
 * per join), the page's globals. Vendors are never bundled.
 *
 * @throws `vendor_missing`, with the `advice`
 */
export async function loadVendor<Vendor>(
  given: Vendor | undefined,
  load: (() => Promise<Vendor>) | undefined,
  fromGlobal: () => Vendor | undefined,
  advice: string,
): Promise<Vendor> {
  let vendor: Vendor | undefined;
  let cause: unknown;
  try {
    vendor = given ?? (await load?.()) ?? fromGlobal();
  } catch (error) {
    cause = error;
  }
  if (typeof vendor === 'function') return vendor;
  throw new RoomSessionError('vendor_missing', `The vendor's library is not there. ${advice}`, { cause });
}

/**
 * Looks for WebRTC. A page in an app's web view may be without it, and so may a browser that an administrator or a
 * privacy setting restricts.
 *
 * @throws `browser_unsupported`
 */
export function checkWebRtc(): void {
  if (globalThis.RTCPeerConnection) return;
  throw new RoomSessionError(
    'browser_unsupported',
    'This browser has no WebRTC. Use a current Chrome, Firefox or Safari.',
  );
}
