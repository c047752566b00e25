import type { Clock } from '../../clock.ts';

/** The few members of the vendor's `external_api.js` that are used here. The names are the vendor's. */

/** One device as the vendor lists it. */
interface VendorDevice {
  readonly label?: string;
}

/** Microphone, camera and speaker, as the vendor names them. */
export type VendorDevices<Device = VendorDevice> = Readonly<
  Partial<Record<'audioInput' | 'audioOutput' | 'videoInput', Device>>
>;

/** An instance of the vendor's `JitsiMeetExternalAPI`: one iframe with a meeting page, as far as it is used here. */
export interface JitsiMeetExternalAPI {
  // biome-ignore lint/suspicious/noExplicitAny: what it brings depends on the event.
  addListener(event: string, listener: (detail: any) => void): unknown;
  executeCommand(name: string, ...values: unknown[]): void;
  /** Takes away iframe and listeners; its open promises never settle. */
  dispose(): void;
  getIFrame(): HTMLIFrameElement | undefined;
  getSupportedCommands?(): readonly string[];
  isAudioMuted(): Promise<boolean>;
  isVideoMuted(): Promise<boolean>;
  getCurrentDevices(): Promise<VendorDevices | undefined>;
}

/** The vendor's class. Its options are what `jitsi()` passes on. */
// biome-ignore lint/suspicious/noExplicitAny: the vendor declares no types, a fake may take less.
export type JitsiMeetExternalAPIClass = new (domain: string, options?: any) => JitsiMeetExternalAPI;

/** What the vendor's events bring, as far as it is used here; what is there depends on the event. */
export interface VendorDetail {
  readonly id: string;
  readonly displayName?: string;
  readonly formattedDisplayName?: string;
  readonly displayname?: string;
  readonly muted: boolean;
  readonly enabled: boolean;
  readonly description?: string;
  readonly kicked?: { readonly local?: boolean };
  readonly error?: VendorError;
}

/** What `errorOccurred` brings. It may hold `credentials`, too, which nobody shall see. */
export interface VendorError {
  readonly name?: string;
  readonly message?: unknown;
  readonly params?: readonly unknown[];
  readonly isFatal?: boolean;
}

/** How long a page may take to leave. A frame that is taken away before that stays in the room as a ghost for a minute. */
const hangupLimitMs = 3_000;

/** Takes the frame away; where `hangsUp`, after its page has left the meeting. Never rejects. */
export async function closeVendor(api: JitsiMeetExternalAPI, hangsUp: boolean, clock: Clock): Promise<void> {
  if (hangsUp) {
    await new Promise<void>((resolve) => {
      const stopWaiting = clock.setTimer(resolve, hangupLimitMs);
      api.addListener('readyToClose', () => {
        stopWaiting();
        resolve();
      });
      api.executeCommand('hangup');
    });
  }
  api.dispose();
}
