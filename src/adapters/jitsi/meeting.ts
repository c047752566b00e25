import type { JitsiOptions } from './options.ts';
import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass, VendorDevices } from './vendor.ts';

/** What the frames of one join share. */
export interface Meeting<V extends JitsiMeetExternalAPI = JitsiMeetExternalAPI> {
  readonly options: JitsiOptions<V>;
  readonly Vendor: JitsiMeetExternalAPIClass<V>;
  /** The room as it stands in the meeting's address. */
  readonly roomName: string;
  /** Aborts when the join ends. */
  readonly signal: AbortSignal;
  /** Our own ids of this join. The session of a removed frame stays in the room for a minute, as another participant. */
  readonly ownIds: Set<string>;
  /** What the person set in one frame, for the next one. */
  readonly choices: Choices;
  /** How long the page took from its load to its first word, at most, in ms. */
  speaksMs: number;
  /** The last frame failed for want of a bridge. */
  lacksBridge: boolean;
}

/** What a person sets inside a frame, besides microphone and camera. */
export interface Choices {
  displayName?: string | undefined;
  devices?: VendorDevices<string> | undefined;
  tileView?: boolean | undefined;
}
