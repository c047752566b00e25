import type { Application } from './application.ts';
import { notification, type ServerMessage } from './messages.ts';
import type { Player } from './player.ts';
import type { PublisherInfo } from './publisher.ts';
import type { Room } from './room.ts';
import type { Slots } from './slots.ts';

/** A part of a list. */
export interface Page {
  readonly offset: number;
  readonly size: number;
}

/** The answer to `getBroadcastObject` for a room or a participant; undefined when it is not live. */
export function broadcastObject(app: Application, streamId: string): ServerMessage | undefined {
  const room = app.room(streamId);
  const info = app.publisher(streamId)?.info;
  if (!room && !info) return undefined;
  const broadcast = room
    ? { streamId, type: 'liveStream', status: 'broadcasting', subTrackStreamIds: participants(room) }
    : info && subtrack(info);
  // The real server sends the object as text inside the message.
  return notification('broadcastObject', streamId, { broadcast: JSON.stringify(broadcast) });
}

/** The answer to `getSubtracks`: the objects of those who publish in the room, each as text. */
export function subtrackList(
  app: Application,
  streamId: string,
  role: string,
  { offset, size }: Page,
): ServerMessage {
  const list = subtracks(app, streamId, role).slice(offset, offset + size);
  return notification('subtrackList', streamId, {
    subtrackList: list.map((info) => JSON.stringify(subtrack(info))),
  });
}

/** The answer to `getSubtracksCount`. */
export function subtrackCount(app: Application, streamId: string, role: string): ServerMessage {
  return notification('subtrackCount', streamId, { count: subtracks(app, streamId, role).length });
}

/** The answer to `getSubscribers`: those who play the room. Those who only listen are in no other list. */
export function subscriberList(app: Application, streamId: string, { offset, size }: Page): ServerMessage {
  const players = app.room(streamId)?.players ?? [];
  const list = players.slice(offset, offset + size).map(({ publishId, subscriberId }) => ({
    streamId,
    subscriberId: subscriberId || publishId,
  }));
  return notification('subscriberList', streamId, {
    subscriberList: list.map((one) => JSON.stringify(one)),
  });
}

/** The answer to `getSubscriberCount`. */
export function subscriberCount(app: Application, streamId: string): ServerMessage {
  return notification('subscriberCount', streamId, { count: app.room(streamId)?.players.length ?? 0 });
}

/** The answer to `getRoomInfo` and to `joinRoom`: who publishes in the room, with names. */
export function roomLists(app: Application, roomId: string): { streams: string[]; streamList: object[] } {
  const infos = subtracks(app, roomId, '');
  return {
    streams: infos.map(({ streamId }) => streamId),
    streamList: infos.map(({ streamId, name, metaData }) => ({ streamId, streamName: name, metaData })),
  };
}

/** The answer to `getTrackList`: the ids of those who publish in the room. */
export function trackList(app: Application, streamId: string): ServerMessage {
  const room = app.room(streamId);
  return { command: 'trackList', streamId, trackList: room ? participants(room) : [] };
}

/**
 * The data channel message that says whom each video slot shows. Without slots each participant has a track of its own
 * name.
 */
export function videoAssignments(room: Room, player: Player): string {
  const slots = room.slotsOf(player)?.of('video');
  const payload = slots
    ? slots.map(({ label, publisher, reserved }) => ({
        videoLabel: label,
        trackId: publisher?.info.streamId ?? '',
        reserved,
      }))
    : room.othersOf(player).map(({ info: { streamId } }) => ({
        videoLabel: streamId,
        trackId: streamId,
        reserved: false,
      }));
  return JSON.stringify({ eventType: 'VIDEO_TRACK_ASSIGNMENT_LIST', streamId: room.id, payload });
}

/** The data channel message with who is in each audio slot, and how loud: 0 is the loudest, 127 silence. */
export function audioAssignments(roomId: string, slots: Slots): string {
  const payload = slots.of('audio').map(({ label, publisher }) => ({
    audioLabel: label,
    trackId: publisher?.info.streamId ?? '',
    audioLevel: publisher?.isSpeaking ? 30 : 127,
  }));
  return JSON.stringify({ eventType: 'AUDIO_TRACK_ASSIGNMENT', streamId: roomId, payload });
}

function subtrack({ streamId, name, role, metaData, roomId }: PublisherInfo): object {
  const mainTrackStreamId = roomId;
  return { streamId, type: 'liveStream', status: 'broadcasting', name, role, metaData, mainTrackStreamId };
}

function subtracks(app: Application, roomId: string, role: string): PublisherInfo[] {
  const infos = app.room(roomId)?.publishers.map(({ info }) => info) ?? [];
  return infos.filter((info) => role === '' || info.role === role);
}

function participants(room: Room): string[] {
  return room.publishers.map(({ info }) => info.streamId);
}
