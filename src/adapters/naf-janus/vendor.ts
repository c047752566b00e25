/**
 * The few members of networked-aframe 0.14 and naf-janus-adapter 4.0 to 4.3 that are used here. The names are the
 * vendors'.
 */

/** What Janus answers about a session that it does not know. */
export const noSuchSession = 458;

/** A Janus plugin handle of minijanus: one connection to the server. */
export interface JanusHandle {
  readonly id?: number | undefined;
  detach(): Promise<unknown>;
  sendMessage(body: object): Promise<unknown>;
}

/** A message of networked-aframe, or of ours, between participants. */
export interface JanusMessage {
  readonly dataType?: unknown;
  readonly data?: unknown;
}

/** A frame of the server. */
export interface JanusFrame {
  readonly session_id?: number;
  readonly sender?: number;
  readonly error?: { readonly code?: number };
  readonly plugindata?: {
    readonly data?: {
      readonly success?: boolean;
      readonly error?: { readonly msg?: string };
      /** Who is in which room, by client ids. */
      readonly response?: { readonly users?: Readonly<Record<string, readonly string[]>> };
    };
  };
}

/** A session of minijanus: what frames go through. */
export interface JanusSession {
  /** Absent until the server has created it. */
  readonly id?: number | undefined;
  on(kind: string, listener: (frame: JanusFrame) => void): void;
  send(kind: string, frame?: object): Promise<unknown>;
  receive(frame: JanusFrame): void;
  dispose(): void;
}

/** What a publisher or a subscriber asks for at its join. */
export interface JanusSubscribe {
  /** The participant whom a subscriber wants to hear and see. */
  readonly media?: string;
}

/** A connection that receives one participant's media. */
export interface JanusSubscriber {
  readonly handle: JanusHandle;
  readonly conn: RTCPeerConnection;
  readonly mediaStream: MediaStream | null;
}

/** The object of networked-aframe for one connection to Janus: `NAF.connection.adapter`. */
export interface JanusAdapter {
  clientId: string | null;
  room: string | null;
  serverUrl: string | null;
  readonly ws: WebSocket | null;
  readonly session: JanusSession | null;
  readonly publisher: { readonly handle: JanusHandle; readonly conn: RTCPeerConnection } | null;
  readonly localMediaStream: MediaStream | null;
  readonly occupants: Record<string, JanusSubscriber>;
  /** The keys of `occupants`. */
  readonly occupantIds: string[];
  readonly pendingOccupants: Set<string>;
  /** The other participants in the room. */
  readonly availableOccupants: string[];
  /** Which participants to subscribe to. `null` is none. */
  requestedOccupants: string[] | null;
  serverTimeRequests: number;
  readonly timeOffsets: number[];
  readonly onReconnecting?: ((ms: number) => void) | null;
  readonly onReconnected?: (() => void) | null;
  readonly onReconnectionError?: ((error: Error) => void) | null;

  setServerUrl(url: string): void;
  setRoom(room: string): void;
  setClientId(id: string): void;
  setJoinToken(token: string | null): void;
  setPeerConnectionConfig(config: RTCConfiguration): void;
  setLocalMediaStream(stream: MediaStream): Promise<void>;
  syncOccupants(ids?: string[]): void;
  /** Gets each message of another participant. */
  onData(message: JanusMessage, source: string): void;
  /** Sends to all other participants, in order and without loss. */
  broadcastDataGuaranteed(dataType: string, data: unknown): void;
  kick(id: string, token: string | undefined): Promise<unknown>;
  block(id: string): Promise<unknown>;
  unblock(id: string): Promise<unknown>;

  connect(): Promise<unknown>;
  disconnect(): void;
  reconnect(): void;
  performDelayedReconnect(): void;
  onWebsocketClose(event: CloseEvent): void;
  createPublisher(): Promise<unknown>;
  associate(conn: RTCPeerConnection, handle: JanusHandle): void;
  sendJoin(handle: JanusHandle, subscribe: JanusSubscribe): Promise<JanusFrame>;
  createSubscriber(id: string, maxRetries?: number): Promise<JanusSubscriber | null>;
  addAvailableOccupant(id: string): void;
  removeAvailableOccupant(id: string): void;
  removeOccupant(id: string): void;
  setMediaStream(id: string, stream: MediaStream | null): void;
  updateTimeOffset(): Promise<void>;
}

/** The page's networked-aframe, its global `NAF`. */
export interface NetworkedAFrame {
  readonly adapters: { readonly adapters: Readonly<Record<string, unknown>> };
  readonly connection: {
    adapter: unknown;
    /** By client id. `false` for those who left. */
    readonly activeDataChannels?: Record<string, boolean>;
    disconnect(): void;
  };
}

/** The `<a-scene>`, as far as it is used here. */
export interface Scene extends Element {
  readonly hasLoaded?: boolean;
  readonly components: Readonly<Record<string, { connect?(): unknown } | undefined>>;
  setAttribute(name: string, value: unknown): void;
}

/** The page's networked-aframe, `undefined` where its script was not loaded. */
export function networkedAFrame(): NetworkedAFrame | undefined {
  return (globalThis as { NAF?: NetworkedAFrame }).NAF;
}
