import { type FakeWebSocket, fakeNetwork } from '../../fake-web-socket.ts';
import type { OfferedTrack } from './fake-media.ts';

/** What a client sent, with the socket that it came by. */
export interface Frame {
  readonly command: string;
  readonly streamId?: string;
  readonly token?: string;
  readonly [field: string]: unknown;
}

interface Session {
  readonly socket: FakeWebSocket;
  published: string | undefined;
  playing: boolean;
}

/**
 * As much of Ant Media Server's signalling as one participant sees of it. The others in the room are names; `room` is
 * the only one there is.
 */
export class FakeAms {
  readonly room: string;
  /** Every frame that came, but pings. */
  readonly frames: Frame[] = [];
  /** Which tokens it refuses for a command. */
  refuses: (token: string, command: string) => boolean = () => false;
  /** What it does after a refusal. */
  closesAfterRefusal = false;
  /** Error definitions to answer with, once each, before anything else. */
  readonly answers: { command: 'publish' | 'play'; definition: string; more?: object }[] = [];
  /** It takes connections. */
  up = true;
  /** It answers pings. */
  pongs = true;
  /** It takes connections and commands, and answers and tells nothing. */
  silent = false;
  /** Commands that it never answers. */
  readonly ignores = new Set<string>();
  /** What it says of a stream that started. */
  published: 'publish_started' | 'session_restored' = 'publish_started';
  /** The room has something to play as soon as we publish. */
  ownStreamMakesRoom = true;
  iceServers: object | undefined;
  /** Community, and Enterprise before 2.14, answer `getIceServerConfig` with an error about no stream at all. */
  knowsIceServerConfig = true;
  /** What it says of a room that it cannot play, such as `webrtc_not_enabled`. Some servers say nothing more. */
  noStream: object = { error_code: '404', information: 'stream_not_exist_or_not_streaming' };
  /** With a limit of video tracks it sends slots in place of people. */
  slots = false;
  /** How many slots it has; one of each for every other by default. */
  slotLimits: { readonly video: number; readonly audio: number } | undefined;
  /** Who is in which video slot, for those who ask. */
  assignments: Readonly<Record<string, string>> = {};
  /** It answers questions about the room. */
  answersQuestions = true;
  /** It tells of each who comes and goes: since 2.14. */
  tellsOfSubtracks = true;
  /** Names by stream id. */
  readonly names: Record<string, string> = {};
  /** Metadata by stream id. */
  readonly metaData: Record<string, string> = {};
  /** Sends by the data channel of the room, where a test has opened it. */
  channel: ((data: unknown) => void) | undefined;
  readonly others: string[] = [];
  readonly network: ReturnType<typeof fakeNetwork>;
  readonly #sessions = new Set<Session>();

  constructor(room: string) {
    this.room = room;
    this.network = fakeNetwork((socket) => this.#connect(socket));
  }

  get sockets(): readonly FakeWebSocket[] {
    return this.network.sockets;
  }

  /** Whether it has this stream. */
  publishes(streamId: string): boolean {
    return [...this.#sessions].some(({ published }) => published === streamId);
  }

  commands(...names: string[]): Frame[] {
    return this.frames.filter(({ command }) => names.includes(command));
  }

  /** Somebody else joins. */
  join(id: string): void {
    this.others.push(id);
    this.#tellOfSubtrack('subtrackAdded', id);
    this.#offerAgain();
  }

  /** Somebody else leaves. */
  leave(id: string): void {
    this.others.splice(this.others.indexOf(id), 1);
    this.#tellOfSubtrack('subtrackRemoved', id);
    this.#offerAgain();
  }

  /** All connections break. */
  drop(): void {
    for (const { socket } of this.#sessions) socket.break();
  }

  notify(definition: string, more: object = {}): void {
    this.#tell({ command: 'notification', definition, ...more });
  }

  fail(definition: string, more: object = {}): void {
    this.#tell({ command: 'error', definition, ...more });
  }

  /** The list of those who are in video slots, as the server pushes it and answers with it. */
  listSlots(): void {
    const payload = Object.entries(this.assignments).map(([videoLabel, trackId]) => ({
      ...{ videoLabel, trackId, reserved: false },
    }));
    this.channel?.({ eventType: 'VIDEO_TRACK_ASSIGNMENT_LIST', streamId: this.room, payload });
  }

  #tellOfSubtrack(definition: string, trackId: string): void {
    if (this.tellsOfSubtracks) this.notify(definition, { streamId: this.room, trackId });
  }

  #answerQuestion({ socket, published }: Session, { command, streamId }: Frame): void {
    const answer = (definition: string, more: object) =>
      socket.deliver({ command: 'notification', definition, streamId, ...more });
    if (streamId !== this.room || !this.answersQuestions) return;
    const subTrackStreamIds = [...this.others, ...(published ? [published] : [])];
    if (command === 'getBroadcastObject') {
      answer('broadcastObject', { broadcast: JSON.stringify({ streamId, subTrackStreamIds }) });
    } else if (command === 'getSubtracks') {
      const broadcast = (id: string) =>
        JSON.stringify({ streamId: id, name: this.names[id] ?? null, metaData: this.metaData[id] });
      answer('subtrackList', { subtrackList: subTrackStreamIds.map(broadcast) });
    } else if (command === 'getVideoTrackAssignmentsCommand') {
      this.listSlots();
    }
  }

  #tell(message: object): void {
    if (this.silent) return;
    for (const { socket } of this.#sessions) socket.deliver(message);
  }

  #connect(socket: FakeWebSocket): void {
    if (!this.up) return socket.break();
    const session: Session = { socket, published: undefined, playing: false };
    this.#sessions.add(session);
    socket.accept(
      (text) => this.#take(session, JSON.parse(text)),
      () => this.#sessions.delete(session),
    );
  }

  #take(session: Session, frame: Frame): void {
    const { socket } = session;
    if (frame.command === 'ping') {
      if (this.pongs && !this.silent) socket.deliver({ command: 'pong' });
      return;
    }
    this.frames.push(frame);
    if (this.silent || this.ignores.has(frame.command)) return;
    if (frame.command === 'getIceServerConfig' && this.iceServers) {
      socket.deliver({ command: 'iceServerConfig', ...this.iceServers });
    } else if (frame.command === 'getIceServerConfig' && !this.knowsIceServerConfig) {
      socket.deliver({ command: 'error', definition: 'noStreamNameSpecified' });
    } else if (frame.command === 'publish' || frame.command === 'play') {
      this.#check(session, frame);
    } else if (frame.command === 'takeConfiguration') {
      if (frame['type'] === 'offer') this.#publish(session, frame);
      else this.#play(session);
    } else if (frame.command === 'stop') {
      const definition = frame.streamId === this.room ? 'play_finished' : 'publish_finished';
      socket.deliver({ command: 'notification', definition, streamId: frame.streamId });
    } else {
      this.#answerQuestion(session, frame);
    }
  }

  #check(session: Session, { command, streamId, token = '' }: Frame): void {
    const { socket } = session;
    const error = (definition: string, more = {}) =>
      socket.deliver({ command: 'error', definition, streamId, ...more });
    const at = this.answers.findIndex((answer) => answer.command === command);
    const [answer] = at < 0 ? [] : this.answers.splice(at, 1);
    if (answer) return error(answer.definition, answer.more);
    if (this.refuses(token, command)) {
      error('unauthorized_access');
      if (this.closesAfterRefusal) socket.break();
    } else if (command === 'publish') {
      socket.deliver({ command: 'start', streamId });
    } else if (this.others.length > 0 || (session.published && this.ownStreamMakesRoom)) {
      this.#offer(session);
    } else {
      error('no_stream_exist', this.noStream);
    }
  }

  #publish(session: Session, { streamId }: Frame): void {
    const { socket } = session;
    session.published = streamId;
    socket.deliver({ command: 'takeConfiguration', streamId, type: 'answer', sdp: '[]' });
    socket.deliver({ command: 'notification', definition: this.published, streamId });
  }

  #play(session: Session): void {
    if (session.playing) return;
    session.playing = true;
    const message = { command: 'notification', definition: 'play_started', streamId: this.room };
    session.socket.deliver(message);
  }

  #offerAgain(): void {
    for (const session of this.#sessions) if (session.playing && !this.silent) this.#offer(session);
  }

  #offer({ socket }: Session): void {
    const tracks = this.slots ? this.#slotTracks() : this.others.flatMap((other) => tracksOf(other, other));
    socket.deliver({
      command: 'takeConfiguration',
      streamId: this.room,
      type: 'offer',
      sdp: JSON.stringify(tracks),
      idMapping: Object.fromEntries(tracks.map(({ mid, id }) => [mid, id])),
    });
  }

  #slotTracks(): OfferedTrack[] {
    const { length } = this.others;
    const { video, audio } = this.slotLimits ?? { video: length, audio: length };
    const slot = (kind: 'video' | 'audio', count: number) =>
      Array.from({ length: count }, (_, index) => offered(kind, `${kind}${index}`, `${kind}Track${index}`));
    return [...slot('video', video), ...slot('audio', audio)];
  }
}

const offered = (kind: 'video' | 'audio', mid: string, label: string): OfferedTrack => ({
  ...{ mid, kind, id: `ARDAMS${kind[0]}${label}` },
});

const tracksOf = (mid: string, label: string): OfferedTrack[] => [
  offered('video', `v-${mid}`, label),
  offered('audio', `a-${mid}`, label),
];
