/**
 * The token part alone, without any room.
 *
 * @module room-session/token
 */

export { browserClock, type Clock, type WakeReason } from '../clock.ts';
export {
  type ErrorCode,
  RoomSessionError,
  type RoomSessionErrorOptions,
  TokenError,
  type TokenErrorCode,
  type TokenErrorOptions,
} from '../errors.ts';
export { type Claims, type Details, Token } from './jwt.ts';
export { TokenRefresher } from './refresher.ts';
export type {
  FetchToken,
  GetTokenOptions,
  TokenArrival,
  TokenFailure,
  TokenRefresherOptions,
} from './refresher-options.ts';
export type { RefreshWindow } from './schedule.ts';
export type { SubscriberCode, TokenAnswer, TokenDetails, TokenReason } from './source.ts';
export type { WaitOptions } from './waiters.ts';
