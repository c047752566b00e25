import type { Token } from '../../token/jwt.ts';
import type { StayParts } from '../stay.ts';
import type { JitsiOptions } from './options.ts';
import type { People } from './people.ts';
import type { MutedKind } from './switches.ts';
import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass, VendorDevices } from './vendor.ts';

/** What the frames of one stay have in common, and leave to the next one. */
export interface Stay extends StayParts {
  readonly options: JitsiOptions;
  readonly Vendor: JitsiMeetExternalAPIClass;
  /** The room as it stands in the meeting's address. */
  readonly roomName: string;
  readonly people: People;
  readonly kept: Kept;
  frame?: Frame | undefined;
  /** The server refused this token, or a frame without one (`null`), since we were last in the room. */
  refused?: Token | null | undefined;
}

/** The frame that is there now. */
export interface Frame {
  readonly api: JitsiMeetExternalAPI;
  /** There is a token now: who waits without one is let in with it. */
  takeToken(): void;
  setMuted(kind: MutedKind, muted: boolean): Promise<unknown>;
  /** Leaves the meeting where we are in it, and takes the frame away. Never rejects. */
  close(): Promise<void>;
}

/** What the person has set in one frame, for the next. */
export interface Kept {
  readonly muted: Partial<Record<MutedKind, boolean>>;
  displayName?: string | undefined;
  devices?: VendorDevices<string> | undefined;
  tileView?: boolean | undefined;
  /** We were in the room, or at its door: nobody is asked again whether they wish to, and no join timeout runs. */
  entered?: boolean;
}
