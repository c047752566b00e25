import { DisconnectReason, type Participant, Room, Track } from 'livekit-client';
import { type RoomAdapter, TokenError } from 'room-session';

const mediaOf = (participant: Participant) =>
  participant.getTrackPublications().flatMap(({ track }) => track?.mediaStreamTrack ?? []);
const sourceOf = ({ kind }: MediaStreamTrack) => Track.Source[kind === 'audio' ? 'Microphone' : 'Camera'];
const turn = (source: Track.Source) => async (room: Room, on: boolean) =>
  void (await room.localParticipant.getTrackPublication(source)?.[on ? 'unmute' : 'mute']());

/** Joins rooms on the LiveKit server at `url`, such as `wss://livekit.example.org`. `makeRoom` is for LiveKit's own options. */
export const liveKit = (url: string, makeRoom = () => new Room()): RoomAdapter<Room> => ({
  name: 'livekit',
  localMedia: {},
  setMicrophone: turn(Track.Source.Microphone),
  setCamera: turn(Track.Source.Camera),
  checkToken({ claims: { video } }, { room }) {
    if (Object(video).roomJoin && Object(video).room === room) return;
    throw new TokenError('token_mismatch', `The token does not let us join "${room}".`, { claim: 'video' });
  },
  async connect(attempt) {
    const room = makeRoom();
    attempt.onEnd(() => room.disconnect(false));
    const tellOthers = () => {
      attempt.participants([...room.remoteParticipants].map(([id, { name }]) => ({ id, name })));
      for (const [id, other] of room.remoteParticipants) attempt.tracks(id, mediaOf(other));
    };
    // LiveKit empties its list of participants right before it says that it reconnects.
    const update = () => queueMicrotask(() => room.state === 'connected' && tellOthers());
    room.on('participantConnected', update).on('participantDisconnected', update);
    room.on('connected', update).on('trackSubscribed', update).on('trackUnsubscribed', update);
    room.on('signalReconnecting', attempt.reconnecting).on('reconnecting', attempt.reconnecting);
    room.on('reconnected', () => attempt.connected(room)).on('reconnected', update);
    room.on('disconnected', (reason, why = DisconnectReason[reason ?? 0]) => {
      if (why === 'USER_REJECTED') attempt.rejected();
      else if (why === 'ROOM_DELETED') attempt.ended('ended');
      else if (why === 'PARTICIPANT_REMOVED' || why === 'DUPLICATE_IDENTITY') attempt.ended('removed');
      else attempt.lost(`LiveKit ended the connection (${why})`);
    });
    await room.connect(url, attempt.token?.value ?? '');
    for (const own of attempt.localStream?.getTracks() ?? [])
      await (attempt.signal.aborted || room.localParticipant.publishTrack(own, { source: sourceOf(own) }));
    attempt.connected(room);
  },
});
