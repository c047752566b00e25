import type { ConnectAttempt } from '../../adapter.ts';
import type { Meeting } from './meeting.ts';
import type { JitsiMeetExternalAPI } from './vendor.ts';

/** The options of the vendor's constructor, as the app wishes and the person left the last frame. */
export function frameOptions<V extends JitsiMeetExternalAPI>(
  { identity, token, wishes: { microphone, camera }, isReconnect }: ConnectAttempt<V>,
  { options, roomName, choices }: Meeting<V>,
): object {
  const { domain, tenant, scriptUrl, vendor, load, onVendor, loginUrl, frameTimeoutMs, ...rest } = options;
  const { autoKnock = true, tokenInQuery, password, ...vendorOptions } = rest;
  const { configOverwrite, userInfo, devices } = vendorOptions;
  const prejoin = { ...Object(configOverwrite?.['prejoinConfig']), enabled: false };
  return {
    ...vendorOptions,
    roomName,
    jwt: token?.value,
    configOverwrite: {
      disableDeepLinking: true,
      prejoinConfig: prejoin,
      ...configOverwrite,
      // Who was in, or has asked already, is not asked again.
      ...(isReconnect && { prejoinConfig: prejoin }),
      ...((isReconnect || autoKnock) && {
        lobby: { ...Object(configOverwrite?.['lobby']), autoKnock: true },
      }),
      ...(microphone !== undefined && { startWithAudioMuted: !microphone }),
      ...(camera !== undefined && { startWithVideoMuted: !camera }),
    },
    userInfo: {
      ...(identity && { displayName: identity }),
      ...userInfo,
      ...(choices.displayName && { displayName: choices.displayName }),
    },
    devices: choices.devices ?? devices,
  };
}
