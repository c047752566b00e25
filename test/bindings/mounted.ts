/** A component that uses a binding as an app does: what it is given, and what a test does with it. */
import type { RoomSession } from 'room-session';

/** What a component is mounted with. */
export interface MountOptions {
  /** Makes the component's session. */
  readonly create: () => RoomSession;
  readonly room: string | undefined;
  readonly identity?: string;
  /** A sibling is not there at first: React throws away what it rendered so far. Vue: the component is asynchronous. */
  readonly suspended?: boolean;
}

/**
 * A mounted component. It shows `STATE REASON ERROR-CODE PARTICIPANTS` in a `p`, a `video` for itself and one for each
 * participant.
 */
export interface Mounted {
  readonly element: HTMLElement;
  setRoom(room: string | undefined): void;
  /** Joins the same room again. */
  joinAgain(): void;
  /** Mounts another component later, which shows the session's status in `output`. */
  showStatus(): void;
  unmount(): void;
}

/** Mounts a component in a new element of the page. */
export type Mount = (options: MountOptions) => Mounted;

/** What the component shows in its `p`. */
export function words(
  {
    state,
    reason = '',
    error,
  }: { state: string; reason?: string | undefined; error?: { code: string } | undefined },
  participants: readonly { id: string }[],
): string {
  return [state, reason, error?.code ?? '', ...participants.map(({ id }) => id)].filter(Boolean).join(' ');
}
