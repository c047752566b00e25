export type {
  AdapterReport,
  AdapterTokenRequest,
  ConnectContext,
  EndReason,
  JoinRequest,
  Participant,
  ParticipantTrack,
  RoomAdapter,
} from './adapter.ts';
export type { ConnectionState, RoomSessionEvents, StateChange } from './events.ts';
export { RoomSession } from './session.ts';
export type { JoinOptions, RoomSessionOptions } from './session-options.ts';
export { type TokenEndpointOptions, tokenEndpoint } from './token/endpoint.ts';
export { type TokenFromUrlOptions, tokenFromUrl } from './token/from-url.ts';
export * from './token/index.ts';
export { type ShareTokensOptions, shareTokens } from './token/share.ts';
export type { TokenRequest, TokenSource } from './token/source.ts';
