import type { JoinContext } from '../../adapter.ts';
import { RoomSessionError } from '../../errors.ts';
import { checkWebRtc } from '../load.ts';
import { makeClientId } from './client-id.ts';
import type { NafJanusOptions } from './options.ts';
import { connectScene, leaveScene } from './scene.ts';
import { type TakenOver, takeOver } from './take-over.ts';
import type { JanusAdapter } from './vendor.ts';

/** What all attempts of one join have in common. */
export interface PreparedJoin {
  readonly takenOver: TakenOver;
  /** The app has chosen the client id, so others may have it too. */
  readonly hasFixedId: boolean;
  /** The server, where the token's answer names none. */
  readonly serverUrl: string | null;
}

/** Takes over the vendor object of the scene, and tells it who joins which room. */
export async function prepare(
  join: JoinContext,
  options: NafJanusOptions,
  adopted: JanusAdapter | undefined,
): Promise<PreparedJoin> {
  checkWebRtc();
  const takenOver = adopted ? takeOver(adopted) : await connectScene(options, join.room, join.signal);
  const { vendor } = takenOver;
  join.onEnd(() => {
    leaveScene(vendor);
    vendor.setJoinToken(null);
  });
  join.onEnd(() => {
    const { reason } = join.signal;
    takenOver.failed(reason);
    // Not for an app that left, or a scene that is gone.
    if (takenOver.phase === 'connected' && reason instanceof RoomSessionError) {
      vendor.onReconnectionError?.(reason);
    }
  });
  takenOver.onDisconnect = () => join.ended('ended', sceneIsGone());
  if (takenOver.phase === 'disconnected') throw sceneIsGone();

  const fixedId = options.clientId ?? (join.identity === undefined ? vendor.clientId : null);
  vendor.setClientId(fixedId ?? makeClientId(join.identity, join.clock.random()));
  vendor.setRoom(join.room);
  if (options.iceServers) vendor.setPeerConnectionConfig({ iceServers: options.iceServers });
  vendor.requestedOccupants ??= vendor.availableOccupants;
  if (vendor.localMediaStream) join.useMedia(vendor.localMediaStream);
  return {
    takenOver,
    hasFixedId: fixedId !== null,
    serverUrl: options.serverUrl ?? vendor.serverUrl,
  };
}

function sceneIsGone(): RoomSessionError {
  return new RoomSessionError('connect_failed', 'The scene was disconnected or removed.');
}
