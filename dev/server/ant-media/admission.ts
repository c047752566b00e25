import type { EventLog, TokenVerdict } from '../event-log.ts';
import type { Refusal, Settings, TokenType } from '../settings.ts';
import type { Tokens, TokenUse } from '../tokens.ts';
import type { Application } from './application.ts';
import { type ClientMessage, streamIdError, text } from './messages.ts';

/** What admission works with. */
export interface AdmissionParts {
  app: Application;
  settings: Settings;
  tokens: Tokens;
  log: EventLog;
}

/** Who asks: what the socket has already. */
export interface Applicant {
  /** The socket's number in the log. */
  readonly id: number;
  readonly publishing: boolean;
  isPlaying(streamId: string): boolean;
}

/** `started`: let in. Anything else is the definition of the error to answer. */
export type Admission = string;

/**
 * Decides on a publish. The token is checked at each one, never during a running session, and must be made out
 * for the room (main track) or the own stream.
 */
export async function admitPublish(
  message: ClientMessage,
  applicant: Applicant,
  parts: AdmissionParts,
): Promise<Admission> {
  const streamId = text(message, 'streamId');
  const room = text(message, 'mainTrack') || streamId;
  const token = await verify(message, { type: 'publish', streamIds: [room, streamId] }, parts);
  const answer =
    streamIdError(streamId) ??
    streamIdError(room) ??
    refuse(parts.settings, 'publish') ??
    unauthorized(token) ??
    (applicant.publishing ? 'already_publishing' : undefined) ??
    occupied(streamId, parts) ??
    'started';
  parts.log.add({
    type: 'publish',
    app: parts.app.name,
    socket: applicant.id,
    room,
    streamId,
    token,
    answer,
  });
  return answer;
}

/** Decides on a play: the token must be made out for the room, for play or for publish. */
export async function admitPlay(
  message: ClientMessage,
  applicant: Applicant,
  parts: AdmissionParts,
): Promise<Admission> {
  const streamId = text(message, 'streamId');
  const token = await verifyPlay(message, parts);
  const answer =
    streamIdError(streamId) ??
    refuse(parts.settings, 'play') ??
    unauthorized(token) ??
    (applicant.isPlaying(streamId) ? 'already_playing' : undefined) ??
    (canPlay(streamId, parts) ? undefined : 'no_stream_exist') ??
    'started';
  logPlay('play', streamId, token, answer, applicant, parts);
  return answer;
}

/** Decides on a `getTrackList`, which needs the same token as a play. */
export async function admitTrackList(
  message: ClientMessage,
  applicant: Applicant,
  parts: AdmissionParts,
): Promise<Admission> {
  const streamId = text(message, 'streamId');
  const token = await verifyPlay(message, parts);
  const answer =
    streamIdError(streamId) ??
    unauthorized(token) ??
    (parts.app.room(streamId) ? 'started' : 'no_stream_exist');
  logPlay('getTrackList', streamId, token, answer, applicant, parts);
  return answer;
}

function verifyPlay(message: ClientMessage, parts: AdmissionParts): Promise<TokenVerdict> {
  return verify(message, { type: 'play', streamIds: [text(message, 'streamId')] }, parts);
}

/** Only one kind of proof is on at a time. Community checks none. */
async function verify(
  message: ClientMessage,
  use: Omit<TokenUse, 'scope'>,
  { settings, tokens }: AdmissionParts,
): Promise<TokenVerdict> {
  const { totpPeriodS, tokenScope: scope, media } = settings;
  if (media.edition === 'community') return { present: text(message, 'token') !== '', ok: true };
  if (totpPeriodS === null) return tokens.verify(message['token'], { ...use, scope });
  const proof = { subscriberId: text(message, 'subscriberId'), code: text(message, 'subscriberCode') };
  return tokens.verifyCode(proof, use, totpPeriodS);
}

function logPlay(
  type: 'play' | 'getTrackList',
  streamId: string,
  token: TokenVerdict,
  answer: string,
  { id }: Applicant,
  { app, log }: AdmissionParts,
): void {
  log.add({ type, app: app.name, socket: id, room: streamId, streamId, token, answer });
}

/** Community plays no rooms. */
function canPlay(streamId: string, { app, settings }: AdmissionParts): boolean {
  return settings.media.edition !== 'community' && app.room(streamId) !== undefined;
}

function unauthorized({ ok }: TokenVerdict): string | undefined {
  return ok ? undefined : 'unauthorized_access';
}

/** A stream id that is live elsewhere, or kept for a lost socket, is refused unless it may be taken over. */
function occupied(streamId: string, { app, settings }: AdmissionParts): string | undefined {
  const publisher = app.publisher(streamId);
  if (!publisher) return undefined;
  const mayTakeOver = app.isHeld(publisher) && settings.media.sessionAnswer === 'session_restored';
  return mayTakeOver ? undefined : 'streamIdInUse';
}

/** The refusal the settings ask for, if any; counts `times` down. */
function refuse({ media }: Settings, command: TokenType): string | undefined {
  const refusal: Refusal | null = media.refuse;
  if (!refusal || (refusal.command !== 'any' && refusal.command !== command)) return undefined;
  if (refusal.times !== null) {
    refusal.times -= 1;
    if (refusal.times <= 0) media.refuse = null;
  }
  return refusal.definition;
}
