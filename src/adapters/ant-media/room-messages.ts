import type { ParticipantInfo } from '../../participant.ts';
import { cut, isId } from '../../untrusted.ts';
import { readChange } from './own-info.ts';

/** The participant whom the server names for a slot, `undefined` where it is free. */
export interface Assignment {
  /** Such as `videoTrack0`. */
  readonly label: string;
  readonly participantId: string | undefined;
}

/** A message of the server's on the data channel, or one of a participant's app about itself (`change`). */
export interface RoomMessage {
  readonly type: 'video' | 'audio' | 'updated' | 'change';
  readonly assignments: readonly Assignment[];
  readonly participant?: ParticipantInfo | undefined;
}

const longestText = 100_000;
const mostSlots = 1_000;

/** The server's `DataChannelConstants.java`. */
const types: ReadonlyMap<unknown, RoomMessage['type']> = new Map([
  ['VIDEO_TRACK_ASSIGNMENT_LIST', 'video'],
  ['AUDIO_TRACK_ASSIGNMENT', 'audio'],
  ['TRACK_LIST_UPDATED', 'updated'],
]);

/**
 * Reads what the server says on the room's data channel. The server passes on the texts of all participants there, so
 * anything else, and anything that is not exactly as the server writes it, is an app's.
 */
export function readMessage(text: unknown, room: string): RoomMessage | undefined {
  // Most messages are an app's, and none of the server's begins in another way, or is so long.
  if (typeof text !== 'string' || !text.startsWith('{') || text.length > longestText) return;
  try {
    const message = JSON.parse(text);
    const participant = readChange(message);
    if (participant) return { type: 'change', assignments: [], participant };
    const { eventType, streamId = room, payload } = message;
    const type = types.get(eventType);
    if (type && streamId === room)
      return { type, assignments: [payload].flat().slice(0, mostSlots).flatMap(readAssignment(type)) };
  } catch {}
  return undefined;
}

function readAssignment(type: RoomMessage['type']): (entry: unknown) => Assignment[] {
  return (entry) => {
    const { [`${type}Label`]: label, trackId } = Object(entry);
    // At most some hundred labels.
    const isSlot = new RegExp(`^${type}Track\\d{1,3}$`).test(cut(label) ?? '');
    return isSlot ? [{ label, participantId: isId(trackId) ? trackId : undefined }] : [];
  };
}
