/** The few members of the vendor's `external_api.js` that are used here. The names are the vendor's. */

/** One device as the vendor lists it. */
export interface VendorDevice {
  readonly label?: string;
  readonly deviceId?: string;
}

/** Microphone, camera and speaker, as the vendor names them. */
export type VendorDevices<Device = VendorDevice> = Readonly<
  Partial<Record<'audioInput' | 'audioOutput' | 'videoInput', Device>>
>;

/** An instance of the vendor's `JitsiMeetExternalAPI`: one iframe with a meeting page, as far as it is used here. */
export interface JitsiMeetExternalAPI {
  addListener<Detail = VendorDetail>(event: string, listener: (detail: Detail) => void): unknown;
  executeCommand(name: string, ...values: unknown[]): void;
  /** Removes the iframe and the listeners. Its open promises never settle. */
  dispose(): void;
  removeAllListeners?(): unknown;
  /** The frame that the object speaks to. */
  getIFrame?(): HTMLIFrameElement | undefined;
  getSupportedCommands?(): readonly string[];
  isAudioMuted(): Promise<boolean>;
  isVideoMuted(): Promise<boolean>;
  getCurrentDevices(): Promise<VendorDevices | undefined>;
  getAvailableDevices?(): Promise<VendorDevices<readonly VendorDevice[]> | undefined>;
  setAudioInputDevice?(label: string, deviceId: string): Promise<unknown>;
  setAudioOutputDevice?(label: string, deviceId: string): Promise<unknown>;
  setVideoInputDevice?(label: string, deviceId: string): Promise<unknown>;
  /** Since 2026. Whether media flow, to the bridge or to the other person. */
  getConnectionStats?(): Promise<{ readonly iceConnected?: boolean } | undefined>;
}

/** The vendor's class. Its parameters are the domain and the options, whatever type they have. */
export type JitsiMeetExternalAPIClass<V extends JitsiMeetExternalAPI = JitsiMeetExternalAPI> = new (
  ...parameters: never[]
) => V;

/** What the vendor's events bring, as far as it is used here. What is there depends on the event. */
export interface VendorDetail {
  readonly id: string;
  readonly displayName?: string;
  readonly formattedDisplayName?: string;
  readonly displayname?: string;
  readonly muted: boolean;
  readonly enabled: boolean;
  readonly isP2p?: boolean;
  readonly description?: string;
  readonly participantId?: string;
  readonly isMuted?: boolean;
  readonly mediaType?: string;
  readonly on?: boolean;
  readonly data?: {
    readonly senderInfo?: { readonly id?: string };
    readonly eventData?: { readonly text?: unknown };
  };
  readonly kicked?: { readonly local?: boolean };
  readonly error?: VendorError;
}

/** What `errorOccurred` brings. It may hold `credentials` too, which must not be shown. */
export interface VendorError {
  readonly name?: string;
  readonly message?: unknown;
  readonly params?: readonly unknown[];
  readonly isFatal?: boolean;
}
