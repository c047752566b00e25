import type { BreakoutRoom } from '../server/jitsi/messages.ts';
import { availableDevices, currentDevices } from './media.ts';
import type { OwnMedia } from './own-media.ts';

/** What answers are made of. */
export interface RequestParts {
  readonly own: OwnMedia;
  readonly session: string;
  readonly rooms: readonly BreakoutRoom[];
  readonly iceConnected: boolean;
}

/** Answers what the host page's getters ask; undefined where it is not understood. */
export async function answerRequest(
  request: Readonly<Record<string, unknown>>,
  { own, session, rooms, iceConnected }: RequestParts,
): Promise<unknown> {
  switch (request['name']) {
    case 'is-audio-muted':
      return own.isMuted('audio');
    case 'is-video-muted':
      return own.isMuted('video');
    case 'is-audio-available':
      return own.has('audio');
    case 'is-video-available':
      return own.has('video');
    case 'is-sharing-screen':
      return false;
    case 'session-id':
      return session;
    case 'connection-stats':
      return { iceConnected };
    case 'deployment-info':
      return { region: 'stand-in' };
    case 'rooms-info':
      return { rooms };
    case 'list-breakout-rooms':
      return roomsById(rooms);
    // The vendor, too, says nothing of devices before camera and microphone are allowed.
    case 'getCurrentDevices':
      await own.ready;
      return currentDevices(own.stream);
    case 'getAvailableDevices':
      await own.ready;
      return availableDevices();
    case 'setDevice':
      await own.change(request['device']);
      return {};
    default:
      return undefined;
  }
}

/** As the vendor tells of breakout rooms. */
export function roomsById(rooms: readonly BreakoutRoom[]): Record<string, unknown> {
  return Object.fromEntries(
    rooms.map(({ participants, ...room }) => {
      const people = participants.map(({ id, name }) => [id, { displayName: name }]);
      return [room.id, { ...room, participants: Object.fromEntries(people) }];
    }),
  );
}
