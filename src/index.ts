/**
 * Sessions, token sources, and the types of an adapter.
 *
 * @module room-session
 */

export type {
  AdapterTokenRequest,
  ConnectAttempt,
  EndReason,
  JoinContext,
  JoinRequest,
  LostDetails,
  Message,
  Metadata,
  OutgoingMessage,
  OwnInfo,
  Participant,
  ParticipantInfo,
  ParticipantTrack,
  RoomAdapter,
  WaitReason,
} from './adapter.ts';
export type { Capability } from './capabilities.ts';
export type { Emitter, Listener } from './emitter.ts';
export type {
  ConnectionState,
  DisconnectReason,
  RoomSessionEvents,
  SilenceReason,
  StateChange,
} from './events.ts';
export type { LogEntry, LogLevel, LogScope } from './log/entry.ts';
export type { JoinOptions, RoomSessionOptions } from './options.ts';
export type {
  Device,
  DeviceKind,
  DeviceLost,
  DeviceProblem,
  LocalDevice,
  LocalMediaOptions,
  MediaWishes,
  OwnDevice,
} from './own-devices.ts';
export type { RecordedSession, Recorder } from './recorder.ts';
export type { OwnTrackLine, Report, ReportedMedia, ReportedSilence } from './report/types.ts';
export { RoomSession } from './session.ts';
export type { SessionId } from './session-id.ts';
export { type PerAttempt, type TokenEndpointOptions, tokenEndpoint } from './token/endpoint.ts';
export { type TokenFromUrlOptions, tokenFromUrl } from './token/from-url.ts';
export * from './token/index.ts';
export { type ShareTokensOptions, shareTokens } from './token/share.ts';
export type { TokenRequest, TokenSource } from './token/source.ts';
