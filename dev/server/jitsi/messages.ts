/**
 * What the meeting page and this server say to each other: JSON over websockets. It is a small language of our own and
 * stands for XMPP (`/jitsi/xmpp`); a second socket (`/jitsi/remote`) lets tests do to a page what happens to real ones.
 */

import type { JitsiSettings } from '../settings.ts';

/** How somebody is seen by the others. */
export interface Presence {
  readonly name: string;
  readonly audioMuted: boolean;
  readonly videoMuted: boolean;
}

/** Somebody in the room. */
export interface Occupant extends Presence {
  readonly id: string;
  readonly role: 'moderator' | 'participant';
}

/** Somebody by id and name. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface BreakoutRoom {
  readonly id: string;
  readonly name: string;
  readonly isMainRoom: boolean;
  readonly participants: readonly Person[];
}

/** What a page says. The first word is `login`. */
export type ClientMessage =
  | { type: 'login'; resume: string | null; page: string; name: string }
  | { type: 'join'; presence: Presence; password?: string }
  | { type: 'leave' }
  | { type: 'presence'; presence: Presence }
  /** WebRTC's offers, answers and candidates, from page to page. */
  | { type: 'signal'; to: string; data: unknown }
  /** From the lobby's form: asks to come in. */
  | { type: 'knock' }
  | { type: 'kick'; id: string }
  | { type: 'admit'; id: string; admitted: boolean }
  | { type: 'lobby'; enabled: boolean }
  | { type: 'add-breakout'; name: string }
  /** null: back to the main room. */
  | { type: 'breakout'; room: string | null }
  /** The meeting, for all. */
  | { type: 'end' };

/** What the server says. */
export type ServerMessage =
  | { type: 'logged-in'; session: string; resumed: boolean }
  /** The text is there with `not-allowed` only, as XML has it. */
  | { type: 'login-failed'; text: string | null }
  | {
      type: 'joined';
      id: string;
      role: Occupant['role'];
      room: string;
      breakout: boolean;
      occupants: readonly Occupant[];
    }
  | { type: 'join-failed'; authType: string; text: string }
  | { type: 'password-required' }
  | { type: 'members-only'; lobby: string; waitForHost: boolean }
  /** Jicofo's refusal to open a conference for a guest. */
  | { type: 'authentication-required' }
  | { type: 'rejected' }
  | { type: 'no-bridge' }
  | { type: 'occupant-joined'; occupant: Occupant }
  | { type: 'occupant-changed'; occupant: Occupant }
  | { type: 'occupant-left'; id: string; twice: boolean }
  | { type: 'signal'; from: string; data: unknown }
  | { type: 'kicked'; kicked: Person; kicker: Person }
  | { type: 'knocking'; person: Person }
  | { type: 'breakouts'; rooms: readonly BreakoutRoom[] }
  | { type: 'destroyed'; reason: string; sameRoom: boolean };

/** What is done to a page from outside. */
export type RemoteCommand =
  | { do: 'fail'; name: string; params: readonly unknown[] }
  | { do: 'notify'; title: string; description: string }
  | { do: 'suspend' }
  | { do: 'reload' }
  | { do: 'hangup' }
  | { do: 'silence' }
  | { do: 'toggle'; device: 'audio' | 'video' }
  | { do: 'breakout'; room: string | null };

/** The part of the settings that the page acts upon. */
export type PageSettings = Pick<
  JitsiSettings,
  'authPollMs' | 'reloadAfterMs' | 'resumption' | 'resumeAfterMs' | 'tokenAuthUrl'
> & { readonly domain: string };
