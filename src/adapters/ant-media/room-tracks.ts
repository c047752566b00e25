import type { ConnectContext } from '../../adapter.ts';
import type { VendorDetail } from './vendor.ts';

/** A track of the room's connection, and whose it is. */
interface RoomTrack {
  readonly track: MediaStreamTrack;
  /** Nobody's: a slot that is free, or our own. */
  participantId: string | undefined;
}

/** Who is in a slot now; nobody where `participantId` is missing. */
interface Assignment {
  readonly label: string;
  readonly participantId: string | undefined;
}

/** Who is in the room and with which tracks, told to the session as it changes. */
export interface RoomTracks {
  /** A track arrived (`newTrackAvailable`); `signal` aborts when its connection is over. */
  add(arrived: VendorDetail, signal: AbortSignal): void;
  /** The server says who is in which slot. */
  assign(assignments: readonly Assignment[]): void;
  join(participantId: string): void;
  leave(participantId: string): void;
  /** The connection is gone, and all tracks with it; the people may still be there. */
  lose(): void;
  /** The server has sent all it has: who did not show up again has left meanwhile. With slots it says so later. */
  settle(): void;
}

/** `ARDAMSv` or `ARDAMSa`, before the participant's stream id or the name of a slot. */
const prefixLength = 7;
/** With the app setting `maxVideoTrackCount` the server sends slots, and tells by data channel who is in which. */
const isSlot = (trackId: string): boolean => /^.{7}(video|audio)Track\d+$/.test(trackId);

/** Ant Media sends all tracks in one stream; here each participant gets one, the same over reconnects. */
export function roomTracks(report: ConnectContext['report'], me: string): RoomTracks {
  const tracks = new Map<string, RoomTrack>();
  const streams = new Map<string, MediaStream>();
  /** Who is in which slot, also before its track comes. */
  const slots = new Map<string, string | undefined>();
  /** Who was there before the connection was lost, and did not show up again yet. */
  let missing = new Set<string>();

  function join(participantId: string): void {
    missing.delete(participantId);
    if (participantId === me || streams.has(participantId)) return;
    streams.set(participantId, new MediaStream());
    report({ type: 'participantJoined', participant: { id: participantId } });
  }

  function leave(participantId: string): void {
    for (const roomTrack of tracks.values()) {
      if (roomTrack.participantId === participantId) give(roomTrack, undefined);
    }
    for (const [label, id] of slots) if (id === participantId) slots.set(label, undefined);
    if (streams.delete(participantId))
      report({ type: 'participantLeft', participant: { id: participantId } });
  }

  /** Takes the track from whom it belonged to, and shows it as somebody else's, or nobody's. */
  function give(roomTrack: RoomTrack, participantId: string | undefined): void {
    const { track, participantId: before } = roomTrack;
    if (before === participantId) return;
    roomTrack.participantId = participantId;
    const old = streams.get(before!);
    if (old) {
      old.removeTrack(track);
      report({ type: 'trackRemoved', participantId: before!, track, stream: old });
    }
    if (!participantId) return;
    join(participantId);
    const stream = streams.get(participantId);
    stream?.addTrack(track);
    if (stream) report({ type: 'trackAdded', participantId, track, stream });
  }

  return {
    add({ trackId, track, stream }, signal) {
      const label = trackId.slice(prefixLength);
      const before = tracks.get(trackId);
      if (before) give(before, undefined);
      const roomTrack: RoomTrack = { track, participantId: undefined };
      tracks.set(trackId, roomTrack);
      give(roomTrack, isSlot(trackId) ? slots.get(label) : label);
      const remove = () => {
        // A track of an earlier offer may end after its successor came.
        if (tracks.get(trackId) !== roomTrack) return;
        const { participantId } = roomTrack;
        tracks.delete(trackId);
        give(roomTrack, undefined);
        if (participantId && streams.get(participantId)?.getTracks().length === 0) leave(participantId);
      };
      stream.addEventListener('removetrack', (event) => event.track === track && remove(), { signal });
      track.addEventListener('ended', remove, { signal });
    },
    assign(assignments) {
      for (const { label, participantId } of assignments) {
        slots.set(label, participantId);
        for (const [trackId, roomTrack] of tracks) {
          if (trackId.slice(prefixLength) === label) give(roomTrack, participantId);
        }
      }
      // The list of videos has everybody who is in one; audio comes one by one.
      if (assignments.some(({ label }) => /^video/.test(label))) missing.forEach(leave);
    },
    join,
    leave,
    lose() {
      for (const roomTrack of tracks.values()) give(roomTrack, undefined);
      tracks.clear();
      slots.clear();
      missing = new Set(streams.keys());
    },
    settle() {
      const waiting = ([trackId, { participantId }]: [string, RoomTrack]) =>
        isSlot(trackId) && !participantId;
      if (![...tracks].some(waiting)) missing.forEach(leave);
    },
  };
}

/** `VIDEO_TRACK_ASSIGNMENT_LIST` and `AUDIO_TRACK_ASSIGNMENT` of the server's data channel; anything else is the app's. */
export function readAssignments(text: unknown): Assignment[] {
  try {
    if (/TRACK_ASSIGNMENT/.test(text as string)) {
      return [JSON.parse(text as string).payload].flat().map((entry) => {
        const { videoLabel, audioLabel, trackId } = Object(entry);
        return { label: videoLabel ?? audioLabel, participantId: trackId || undefined };
      });
    }
  } catch {}
  return [];
}
