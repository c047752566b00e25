import type { Token } from '../../token/jwt.ts';
import { failure } from '../failure.ts';
import type { Stay } from './stay.ts';
import type { JitsiMeetExternalAPI, VendorDevices } from './vendor.ts';

/** The vendor takes devices by their labels. */
export function labelsOf(devices: VendorDevices): VendorDevices<string> {
  return Object.fromEntries(
    Object.entries(devices).flatMap(([name, device]) => (device?.label ? [[name, device.label]] : [])),
  );
}

/**
 * Makes the frame, as the app wishes and the person left the last one.
 *
 * @throws `connect_failed` where the vendor throws; never with its error, which may quote the frame's address
 */
export function openVendor(
  { options, Vendor, roomName, kept, context }: Stay,
  token: Token | undefined,
): JitsiMeetExternalAPI {
  const { domain, tenant, scriptUrl, vendor, load, onVendor, loginUrl, ...ours } = options;
  const { reconnectLimitMs, frameTimeoutMs, ...vendorOptions } = ours;
  const { configOverwrite, userInfo, devices } = vendorOptions;
  const { muted, entered } = kept;
  const prejoin = { ...Object(configOverwrite?.['prejoinConfig']), enabled: false };
  try {
    return new Vendor(domain, {
      ...vendorOptions,
      roomName,
      jwt: token?.value,
      configOverwrite: {
        disableDeepLinking: true,
        prejoinConfig: prejoin,
        ...configOverwrite,
        ...(entered && { prejoinConfig: prejoin }),
        ...(muted.audio !== undefined && { startWithAudioMuted: muted.audio }),
        ...(muted.video !== undefined && { startWithVideoMuted: muted.video }),
      },
      userInfo: {
        ...(context.identity && { displayName: context.identity }),
        ...userInfo,
        ...(kept.displayName && { displayName: kept.displayName }),
      },
      devices: kept.devices ?? devices,
    });
  } catch (error) {
    const { name } = Object(error);
    throw failure(`The meeting's frame could not be made (${name}): check domain and parentNode.`, name);
  }
}
