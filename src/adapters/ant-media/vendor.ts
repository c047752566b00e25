/** The few members of `@antmedia/webrtc_adaptor`, 2.6 to 3.0, that are used here. The names are the vendor's. */

/** The vendor's socket object. */
export interface WebRTCAdaptorSocket {
  readonly wsConn?: Pick<WebSocket, 'readyState' | 'send' | 'close'> | undefined;
  send(text: string): void;
  clearPingTimer(): void;
  tryAgainAfterDelay?(onConnected: unknown): void;
  initWebSocketConnection?(onConnected: unknown): void;
}

/** An instance of the vendor's `WebRTCAdaptor`, as far as it is used here. */
export interface WebRTCAdaptor {
  readonly webSocketAdaptor: WebRTCAdaptorSocket | null;
  readonly mediaManager?: {
    readonly audioContext?: { close(): Promise<void> };
    isMuted?: boolean;
    setGainNodeStream?: VendorStreamMethod;
    updateAudioTrack?: VendorStreamMethod;
    updateVideoTrack?: VendorStreamMethod;
  };
  readonly peerconnection_config: RTCConfiguration;
  /** The peer connections by stream id, as members of an array without elements. */
  readonly remotePeerConnection: readonly RTCPeerConnection[];
  /** Our stream, once it is published. */
  readonly publishStreamId?: string | null | undefined;
  publishToken?: string | null | undefined;
  playToken?: string | null | undefined;
  initialize(): Promise<unknown>;
  /** The rest: subscriberId, subscriberCode, streamName, mainTrack, metaData, role. */
  publish(streamId: string, token?: string, ...rest: (string | undefined)[]): void;
  /** The rest: subscriberId, subscriberCode, metaData, role. */
  play(
    streamId: string,
    token?: string,
    roomId?: string,
    enableTracks?: never[],
    ...rest: (string | undefined)[]
  ): void;
  stop(streamId: string): void;
  /** Sends on the data channel of this stream. */
  sendData(streamId: string, text: string): void;
  turnOffLocalCamera?(streamId?: string): unknown;
  turnOnLocalCamera?(streamId?: string): unknown;
  closeWebSocket(): void;
}

/** A method of the vendor's that takes a stream, and more. */
export type VendorStreamMethod = (stream: MediaStream, ...rest: unknown[]) => unknown;

/** The vendor's class. Its real type is wider than what we name. */
export type WebRTCAdaptorClass<V extends WebRTCAdaptor = WebRTCAdaptor> = new (
  options: WebRTCAdaptorOptions,
) => V;

/** Options of the vendor's constructor. */
export interface WebRTCAdaptorOptions {
  /** Called for each event of an attempt, before the adapter acts on it. Default: none. */
  readonly callback?: ((info: string, detail: unknown) => void) | undefined;
  /** Called for each error of an attempt, before the adapter acts on it. Default: none. */
  readonly callbackError?: ((definition: string, detail: unknown) => void) | undefined;
  readonly [option: string]: unknown;
}

/** What the vendor's callbacks bring, as far as it is used here. What is there depends on the event. */
export interface VendorDetail {
  readonly streamId: string;
  readonly trackId: string;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
  readonly state: string;
  readonly data: unknown;
  readonly information?: string | undefined;
  readonly broadcast?: unknown;
  readonly subtrackList?: unknown;
}

/** Takes one of the vendor's events, or errors, with the vendor's own name for it. */
export type VendorListener = (name: string, detail: VendorDetail) => void;
