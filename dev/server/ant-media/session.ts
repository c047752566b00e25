import type { WebSocket } from 'ws';
import { type AdmissionParts, type Applicant, admitPlay, admitPublish, admitTrackList } from './admission.ts';
import {
  type ClientMessage,
  errorMessage,
  notification,
  number,
  parseMessage,
  type Recipient,
  type ServerMessage,
  text,
} from './messages.ts';
import { Participation } from './participation.ts';
import {
  broadcastObject,
  type Page,
  roomLists,
  subscriberCount,
  subscriberList,
  subtrackCount,
  subtrackList,
  trackList,
  videoAssignments,
} from './queries.ts';

/**
 * How a session is cut off: the socket is destroyed (`terminate`, code 1006), closed (`close`, code 1001), closed
 * after `server_will_stop` was said, or left open while its media die without a word (`ice`).
 */
export type DropKind = 'terminate' | 'close' | 'server_will_stop' | 'ice';

const abnormalClosure = 1006;
const goingAway = 1001;
const stopGraceMs = 2000;

/** All that the Community edition knows. */
const communityCommands = [
  'ping',
  'publish',
  'play',
  'takeConfiguration',
  'takeCandidate',
  'stop',
  'getBroadcastObject',
];

const pageOf = (message: ClientMessage): Page => ({
  offset: number(message, 'offset', 0),
  size: number(message, 'size', 50),
});

type Handler = (message: ClientMessage) => Promise<void> | void;

/** One socket: its commands, decided on and answered one after the other. */
export class Session implements Recipient, Applicant {
  readonly id: number;
  readonly #socket: WebSocket;
  readonly #parts: AdmissionParts;
  readonly #participation: Participation;
  readonly #ended = Promise.withResolvers<void>();
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  // A command that is not here gets no answer, as the real server answers none that it does not know.
  readonly #handlers: Readonly<Record<string, Handler>> = {
    ping: () => this.send({ command: 'pong' }),
    getIceServerConfig: () => this.send(iceServerConfig),
    publish: (message) => this.#publish(message),
    play: (message) => this.#play(message),
    takeConfiguration: (message) => this.#takeConfiguration(message),
    takeCandidate: (message) => this.#takeCandidate(message),
    stop: (message) => this.#stop(text(message, 'streamId')),
    getTrackList: (message) => this.#getTrackList(message),
    getBroadcastObject: (message) => this.#getBroadcastObject(message),
    getSubtracks: (message) =>
      this.send(subtrackList(this.#app, text(message, 'streamId'), text(message, 'role'), pageOf(message))),
    getSubtracksCount: (message) =>
      this.send(subtrackCount(this.#app, text(message, 'streamId'), text(message, 'role'))),
    getSubscribers: (message) =>
      this.send(subscriberList(this.#app, text(message, 'streamId'), pageOf(message))),
    getSubscriberCount: (message) => this.send(subscriberCount(this.#app, text(message, 'streamId'))),
    getRoomInfo: (message) => this.#getRoomInfo(message),
    joinRoom: (message) => this.#joinRoom(message),
    leaveFromRoom: (message) => this.#leaveFromRoom(message),
    getVideoTrackAssignmentsCommand: (message) =>
      this.#participation.sendData(text(message, 'streamId'), videoAssignments),
    updateVideoTrackAssignmentsCommand: (message) => this.#pageSlots(message),
    setMaxVideoTrackCountCommand: (message) =>
      this.#participation.changeSlots(text(message, 'streamId'), (slots) =>
        slots.setMaxVideo(number(message, 'maxTrackCount', 0)),
      ),
    assignVideoTrackCommand: (message) =>
      this.#participation.changeSlots(undefined, (slots) =>
        slots.pin(text(message, 'videoTrackId'), text(message, 'streamId'), message['enabled'] === true),
      ),
    updateStreamMetaData: (message) =>
      this.#participation.updateMetaData(text(message, 'streamId'), text(message, 'metaData')),
    enableTrack: (message) => this.#enable(message),
    toggleVideo: (message) => this.#enable(message, ['video']),
    toggleAudio: (message) => this.#enable(message, ['audio']),
  };

  constructor(id: number, socket: WebSocket, parts: AdmissionParts) {
    this.id = id;
    this.#socket = socket;
    this.#parts = parts;
    this.#participation = new Participation(this, parts.app, parts.log);
    socket.on('message', (frame) => this.#receive(String(frame)));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => this.#ended.resolve(this.#end(code)));
    parts.log.add({ type: 'socket-open', app: parts.app.name, socket: id });
  }

  get publishing(): boolean {
    return this.#participation.publishing;
  }

  isPlaying(streamId: string): boolean {
    return this.#participation.isPlaying(streamId);
  }

  /** Whether it publishes or plays in this room, under this stream id; what is undefined fits all. */
  matches(room: string | undefined, identity: string | undefined): boolean {
    return this.#participation.matches(room, identity);
  }

  /** Sends a message; dropped when the socket is closed or the server is to be silent. */
  send(message: ServerMessage): void {
    if (this.#settings.silent || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(message));
  }

  /** Cuts the session off. */
  async drop(how: DropKind): Promise<void> {
    if (how === 'ice') {
      await this.#participation.silence();
    } else if (how === 'terminate') {
      this.#socket.terminate();
    } else if (how === 'close') {
      this.#socket.close(goingAway);
    } else {
      this.send(notification('server_will_stop', ''));
      // The client closes by itself; a server that stops does not wait for it.
      setTimeout(() => this.#socket.close(goingAway), stopGraceMs).unref();
    }
  }

  /** Destroys the socket; resolves when everything of it is freed. */
  close(): Promise<void> {
    this.#socket.terminate();
    return this.#ended.promise;
  }

  #receive(frame: string): void {
    const message = parseMessage(frame);
    if (!message || this.#settings.silent) return;
    this.#queue = this.#queue.then(async () => {
      try {
        if (!this.#closed) await this.#handle(message);
      } catch (error) {
        console.error(`Ant Media: the command ${message.command} failed:`, error);
      }
    });
  }

  async #handle(message: ClientMessage): Promise<void> {
    const { command } = message;
    const knows = Object.hasOwn(this.#handlers, command) && this.#isKnown(command);
    // Without a stream id nothing is answered but `ping`, and what is about no stream.
    const needsId = !(knows && ['ping', 'getIceServerConfig', 'joinRoom', 'leaveFromRoom'].includes(command));
    if (needsId && text(message, 'streamId') === '') return this.#refuse('noStreamNameSpecified', '');
    if (knows) await this.#handlers[command]?.(message);
  }

  #isKnown(command: string): boolean {
    const { edition } = this.#settings;
    if (edition === 'community') return communityCommands.includes(command);
    return edition === 'enterprise' || command !== 'getIceServerConfig';
  }

  async #publish(message: ClientMessage): Promise<void> {
    const streamId = text(message, 'streamId');
    const answer = await admitPublish(message, this, this.#parts);
    if (answer !== 'started') return this.#refuse(answer, streamId);
    if (this.#closed) return;
    await this.#participation.publish({
      streamId,
      roomId: text(message, 'mainTrack') || streamId,
      name: text(message, 'streamName'),
      role: text(message, 'role'),
      metaData: text(message, 'metaData'),
    });
  }

  async #play(message: ClientMessage): Promise<void> {
    const roomId = text(message, 'streamId');
    const answer = await admitPlay(message, this, this.#parts);
    if (answer !== 'started') return this.#refuse(answer, roomId);
    const room = this.#parts.app.room(roomId);
    if (!room || this.#closed) return;
    const [publishId, subscriberId] = [text(message, 'userPublishId'), text(message, 'subscriberId')];
    await this.#participation.play(room, publishId, subscriberId);
  }

  async #takeConfiguration(message: ClientMessage): Promise<void> {
    const [streamId, sdp] = [text(message, 'streamId'), text(message, 'sdp')];
    if (text(message, 'type') === 'answer') await this.#participation.takeAnswer(streamId, sdp);
    else await this.#participation.takeOffer(streamId, sdp);
  }

  async #takeCandidate(message: ClientMessage): Promise<void> {
    const label = message['label'];
    await this.#participation.takeCandidate(text(message, 'streamId'), {
      candidate: text(message, 'candidate'),
      sdpMid: text(message, 'id'),
      sdpMLineIndex: typeof label === 'number' ? label : 0,
    });
  }

  async #stop(streamId: string): Promise<void> {
    const { app, log } = this.#parts;
    log.add({ type: 'stop', app: app.name, socket: this.id, streamId });
    // Community has one stream for each socket, and looks at no id.
    if (this.#settings.edition === 'community') await this.#participation.stopPublisher();
    else await this.#participation.stop(streamId);
  }

  #getRoomInfo(message: ClientMessage): void {
    const room = text(message, 'room') || text(message, 'streamId');
    const lists = roomLists(this.#app, room);
    if (lists.streams.length === 0) this.#refuse('no_active_streams_in_room', text(message, 'streamId'));
    else this.send({ command: 'roomInformation', streamId: text(message, 'streamId'), room, ...lists });
  }

  #joinRoom(message: ClientMessage): void {
    const [room, streamId] = [text(message, 'room'), text(message, 'streamId')];
    if (room === '') return this.#refuse('no_room_specified', streamId);
    const maxTrackCount = this.#settings.slots?.video ?? -1;
    const more = { room, ATTR_ROOM_NAME: room, maxTrackCount, ...roomLists(this.#app, room) };
    this.send(notification('joinedTheRoom', streamId, more));
  }

  async #leaveFromRoom(message: ClientMessage): Promise<void> {
    const [room, streamId] = [text(message, 'room'), text(message, 'streamId')];
    await this.#participation.stop(streamId);
    await this.#participation.stop(room);
    this.send(notification('leavedFromRoom', streamId, { room, ATTR_ROOM_NAME: room }));
  }

  #pageSlots(message: ClientMessage): void {
    const { offset, size } = pageOf(message);
    this.#participation.changeSlots(text(message, 'streamId'), (slots) => slots.page(offset, size));
  }

  async #getTrackList(message: ClientMessage): Promise<void> {
    const streamId = text(message, 'streamId');
    const answer = await admitTrackList(message, this, this.#parts);
    if (answer !== 'started') return this.#refuse(answer, streamId);
    this.send(trackList(this.#parts.app, streamId));
  }

  #getBroadcastObject(message: ClientMessage): void {
    const answer = broadcastObject(this.#parts.app, text(message, 'streamId'));
    if (answer) this.send(answer);
  }

  #enable(message: ClientMessage, kinds?: readonly ('audio' | 'video')[]): void {
    const enabled = message['enabled'] === true;
    this.#participation.enable(text(message, 'streamId'), text(message, 'trackId'), enabled, kinds);
  }

  #refuse(definition: string, streamId: string): void {
    const { noStreamInformation: information, edition, closeAfterUnauthorized } = this.#settings;
    const isEmpty = definition === 'no_stream_exist';
    const reason = isEmpty && information !== null && edition !== 'community' ? { information } : {};
    this.send(errorMessage(definition, streamId, isEmpty ? { error_code: '404', ...reason } : {}));
    if (definition === 'unauthorized_access' && closeAfterUnauthorized) this.#socket.close();
  }

  get #app(): AdmissionParts['app'] {
    return this.#parts.app;
  }

  get #settings(): AdmissionParts['settings']['media'] {
    return this.#parts.settings.media;
  }

  async #end(code: number): Promise<void> {
    this.#closed = true;
    const { app, log, settings } = this.#parts;
    log.add({ type: 'socket-close', app: app.name, socket: this.id, code });
    await this.#participation.end(code === abnormalClosure ? settings.media.sessionHoldMs : 0);
  }
}

/**
 * Names a STUN server on this machine that nobody runs: a client that gets no answer, or an empty one, keeps its
 * default and asks a public server.
 */
const iceServerConfig: ServerMessage = {
  command: 'iceServerConfig',
  stunServerUri: 'stun:127.0.0.1:9',
  turnServerUsername: '',
  turnServerCredential: '',
};
