import type { RoomAdapter } from '../adapter.ts';
import type { ContractStage } from './contract-stage.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeWebSocket } from './fake-web-socket.ts';

/** A connection to the fake server, as the server sees it. */
export interface FakeClient {
  /** Sends a text as it is, and anything else as JSON. */
  send(message: unknown): void;
  /** Whether the server takes this token. Call it with each token that comes in. */
  takesToken(token: string): boolean;
  /** From now on the client is in the room. It is told who is there, who joins and who leaves. */
  enterRoom(): void;
  /** Closes the connection from the server's side. `code` is the close code, default 1000. */
  close(code?: number): void;
}

/** What {@link webSocketStage} takes. `Message` is what a client sends, after `JSON.parse`. */
export interface WebSocketStageOptions<Message> {
  /** A new one for each stage. */
  readonly adapter: RoomAdapter;
  /** What the server does with a message. */
  onMessage(message: Message, client: FakeClient): void;
  /** The message that tells the clients in the room of a participant who joined. Default: the backend has no participants. */
  participantJoined?(id: string): unknown;
  /** The message that tells the clients in the room of a participant who left. Default: the backend does not say so. */
  participantLeft?(id: string): unknown;
  /** Default `standup`. */
  readonly room?: string | undefined;
  /** Who joins. Default: none. */
  readonly identity?: string | undefined;
  /** Default: a new one. */
  readonly clock?: FakeClock | undefined;
}

/** The id of the participant who joins and leaves. */
const other = 'ada';

/**
 * A stage for an adapter whose backend is reached by a `WebSocket` with JSON. It replaces the global `WebSocket` until its
 * `dispose()`, counts connections, tokens and open sockets, and rejects, drops and is silent as the suite says.
 *
 * @example
 * const makeStage = () =>
 *   webSocketStage({
 *     adapter: chatterbox('wss://chatterbox.example.org'),
 *     onMessage({ token }: { token: string }, client) {
 *       if (!client.takesToken(token)) return client.send({ type: 'rejected' });
 *       client.send({ type: 'welcome' });
 *       client.enterRoom();
 *     },
 *     participantJoined: (id) => ({ type: 'joined', id }),
 *     participantLeft: (id) => ({ type: 'left', id }),
 *   });
 */
export function webSocketStage<Message>(options: WebSocketStageOptions<Message>): ContractStage {
  const { adapter, room = 'standup', identity, clock = new FakeClock() } = options;
  const { participantJoined, participantLeft } = options;
  const sockets: FakeWebSocket[] = [];
  const tokens: string[] = [];
  const inRoom = new Set<FakeClient>();
  let isOtherHere = false;
  let isSilent = false;
  let isRejected = (_token: string): boolean => false;

  const connect = (socket: FakeWebSocket): void => {
    sockets.push(socket);
    const client: FakeClient = {
      send(message) {
        if (!isSilent) socket.deliver(message);
      },
      takesToken(token) {
        tokens.push(token);
        return !isRejected(token);
      },
      enterRoom() {
        inRoom.add(client);
        if (isOtherHere) client.send(participantJoined?.(other));
      },
      close: (code = 1000) => socket.break(code),
    };
    const onMessage = (text: string) => {
      if (!isSilent) options.onMessage(JSON.parse(text), client);
    };
    socket.accept(onMessage, () => inRoom.delete(client));
  };
  const tellRoom = (message: unknown) => {
    for (const client of inRoom) client.send(message);
  };

  return {
    ...{ adapter, room, identity, clock },
    pass: (ms) => clock.advance(ms),
    contacts: () => sockets.length,
    tokens: () => tokens,
    open: () => [
      ...sockets.filter(({ readyState }) => readyState < 2).map(() => 'a socket'),
      ...Array.from({ length: clock.timerCount }, () => 'a timer'),
    ],
    reject(rejects) {
      isRejected = rejects;
    },
    drop() {
      for (const socket of sockets) socket.break();
    },
    silence(silent) {
      isSilent = silent;
    },
    ...(participantJoined && {
      participantJoins() {
        isOtherHere = true;
        tellRoom(participantJoined(other));
      },
    }),
    ...(participantLeft && {
      participantLeaves() {
        isOtherHere = false;
        tellRoom(participantLeft(other));
      },
    }),
    dispose: replaceWebSocket(connect),
  };
}

/** Hands each new `WebSocket` of the page to `connect`. @returns puts the platform's back */
function replaceWebSocket(connect: (socket: FakeWebSocket) => void): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  const Replacement = class extends FakeWebSocket {
    constructor(url: string | URL, protocol?: string) {
      super(url, protocol);
      connect(this);
    }
  };
  Object.defineProperty(globalThis, 'WebSocket', { value: Replacement, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(globalThis, 'WebSocket', before);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  };
}
