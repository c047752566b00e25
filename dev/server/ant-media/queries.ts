import type { Application } from './application.ts';
import { notification, type ServerMessage } from './messages.ts';
import type { Player } from './player.ts';
import type { Room } from './room.ts';

/** The answer to `getBroadcastObject` for a room or a participant; undefined when it is not live. */
export function broadcastObject(app: Application, streamId: string): ServerMessage | undefined {
  const room = app.room(streamId);
  const info = app.publisher(streamId)?.info;
  if (!room && !info) return undefined;
  const broadcast = room
    ? { streamId, type: 'liveStream', status: 'broadcasting', subTrackStreamIds: participants(room) }
    : {
        streamId,
        type: 'liveStream',
        status: 'broadcasting',
        name: info?.name,
        role: info?.role,
        metaData: info?.metaData,
        mainTrackStreamId: info?.roomId,
      };
  // The real server sends the object as text inside the message.
  return notification('broadcastObject', streamId, { broadcast: JSON.stringify(broadcast) });
}

/** The answer to `getTrackList`: the ids of those who publish in the room. */
export function trackList(app: Application, streamId: string): ServerMessage {
  const room = app.room(streamId);
  return { command: 'trackList', streamId, trackList: room ? participants(room) : [] };
}

/** The data channel message that says which slot shows whom; here each participant has a slot of its own. */
export function trackAssignments(room: Room, player: Player): string {
  const others = room.publishers.filter(
    ({ owner, info }) => owner !== player.owner && info.streamId !== player.publishId,
  );
  return JSON.stringify({
    eventType: 'VIDEO_TRACK_ASSIGNMENT_LIST',
    streamId: room.id,
    payload: others.map(({ info }) => ({
      videoLabel: info.streamId,
      trackId: info.streamId,
      reserved: false,
    })),
  });
}

function participants(room: Room): string[] {
  return room.publishers.map(({ info }) => info.streamId);
}
