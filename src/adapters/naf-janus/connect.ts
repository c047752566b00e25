import type { ConnectAttempt } from '../../adapter.ts';
import { callSafely } from '../../report-error.ts';
import { makeTimers } from '../../timers.ts';
import { checkNamedServer } from '../check-url.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { asOurError } from './errors.ts';
import { joins } from './joins.ts';
import { type Infos, messages } from './messages.ts';
import { occupants } from './occupants.ts';
import type { NafJanusOptions } from './options.ts';
import type { PreparedJoin } from './prepare.ts';
import { closeWhenDone, makeRequests } from './requests.ts';
import { socketUrl } from './socket-url.ts';
import type { JanusAdapter } from './vendor.ts';
import { watchSession } from './watch-session.ts';

/** How often the vendor compares its clock with the page's server, and by how many requests. */
const timeOffsetMs = 300_000;
const timeOffsetRequests = 10;

/**
 * One attempt to be in the room, with the vendor object of the scene, on a socket of its own. Each join that it sends, our
 * own and each for another participant's media, has a token that is valid then. It leaves nothing behind.
 */
export async function connect(
  attempt: ConnectAttempt<JanusAdapter>,
  { takenOver, hasFixedId, serverUrl }: PreparedJoin,
  options: NafJanusOptions,
): Promise<void> {
  const { signal, localStream } = attempt;
  const { vendor, own } = takenOver;
  const parts: AttemptParts = {
    ...{ attempt, takenOver, hasFixedId, options },
    requests: makeRequests(attempt, takenOver),
    timer: makeTimers(attempt.clock, signal),
    lost: (reason) => attempt.lost(`The connection to Janus is lost: ${reason}`, { vendorCode: reason }),
  };
  checkNamedServer(attempt.token, serverUrl || '/', options);
  vendor.setServerUrl(socketUrl(attempt.token?.details['serverUrl'] ?? serverUrl, options));
  const infos: Infos = new Map();
  Object.assign(vendor, joins(parts), occupants(parts, infos), reconnects(parts), pageTime(parts));
  Object.assign(vendor, messages(parts, infos));
  attempt.onToken(({ value }) => vendor.setJoinToken(value));
  attempt.onEnd((retryInMs) => {
    if (takenOver.phase === 'connected' && retryInMs !== undefined) vendor.onReconnecting?.(retryInMs);
  });
  // Also the same stream: its tracks may be others now, and the vendor keeps copies for the scene.
  if (localStream) await vendor.setLocalMediaStream(localStream);
  signal.throwIfAborted();
  try {
    const connecting = own.connect();
    vendor.ws?.addEventListener('open', attempt.reached, { signal });
    takeDownAtEnd(parts);
    closeWhenDone(parts, vendor);
    watchSession(parts);
    await connecting;
    signal.throwIfAborted();
  } catch (error) {
    return attempt.failed(asOurError(error, 'Janus could not be reached'));
  }
  // The server has named all of them at the join.
  attempt.participantsComplete();
  if (attempt.isReconnect) void callSafely(() => vendor.onReconnected?.());
  takenOver.connected();
  attempt.connected(vendor, vendor.clientId ?? undefined);
  attempt.connections(() => connectionsOf(vendor));
}

/** Ours, and one for each participant who is heard. */
function connectionsOf({ publisher, occupants }: JanusAdapter): readonly RTCPeerConnection[] {
  return [...(publisher ? [publisher] : []), ...Object.values(occupants)].map(({ conn }) => conn);
}

/** Each step is a clean-up of its own, so that one that throws does not prevent the others. The last is the first. */
function takeDownAtEnd({ attempt, takenOver: { vendor, own } }: AttemptParts): void {
  const { session, ws } = vendor;
  attempt.onEnd(() => {
    vendor.availableOccupants.length = 0;
    // Those whom `disconnect` did not come to.
    for (const id of [...vendor.occupantIds]) vendor.removeOccupant(id);
    vendor.pendingOccupants.clear();
  });
  attempt.onEnd(() => ws?.close());
  attempt.onEnd(() => session?.dispose());
  attempt.onEnd(() => own.disconnect());
}

/** The vendor's methods that reconnect, and its listener of the socket: each ends the attempt. */
function reconnects({
  lost,
}: AttemptParts): Pick<JanusAdapter, 'reconnect' | 'performDelayedReconnect' | 'onWebsocketClose'> {
  return {
    reconnect: () => lost('reconnect() was called'),
    // It is about ICE, and about an id that is in the room already: both are watched with the joins.
    performDelayedReconnect() {},
    onWebsocketClose: ({ code }) => lost(`the socket closed (${code})`),
  };
}

/** The vendor's own ends in a timer that does not stop and in uncaught errors, and delays the join. */
function pageTime({
  takenOver: { vendor, own },
  timer,
}: AttemptParts): Pick<JanusAdapter, 'updateTimeOffset'> {
  async function updateTimeOffset(): Promise<void> {
    timer('time', timeOffsetMs, () => {
      vendor.serverTimeRequests = vendor.timeOffsets.length = 0;
      void updateTimeOffset();
    });
    if (vendor.serverTimeRequests < timeOffsetRequests)
      Promise.resolve()
        .then(own.updateTimeOffset)
        .catch(() => {});
  }
  return { updateTimeOffset };
}
