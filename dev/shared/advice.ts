import { type ErrorCode, RoomSessionError } from 'room-session';

/** An error for the person in front of the page. */
export interface ErrorWords {
  readonly message: string;
  /** What that person can do; empty where the message says it all. */
  readonly advice: string;
  /** For looking it up. */
  readonly code: string;
  /** Whether joining without camera and microphone would get around it. */
  readonly listenOnlyHelps: boolean;
}

/** By the server's own words. */
const serverAdvice: Readonly<Record<string, string>> = {
  streamIdInUse: 'This name is in use in the room. Take another one.',
  highResourceUsage: 'The media server has too much to do: join again in a while.',
  'Room is full.': 'Join again when a participant has left.',
  'Server is full.': 'Join again in a while.',
};

/** By the browser's names for what keeps camera and microphone from being opened. */
const mediaAdvice: Readonly<Record<string, string>> = {
  NotAllowedError: 'Allow camera and microphone with the icon in the address bar, then join again.',
  NotFoundError: 'Plug in a camera and a microphone, then join again.',
  NotReadableError: 'Close the other program that uses the camera, then join again.',
};

const advice: Partial<Readonly<Record<ErrorCode, string>>> = {
  token_denied: 'The token endpoint decides who may enter: it takes another name or login, or another room.',
  token_unavailable: 'Join again in a while.',
  browser_unsupported: 'Use a current Chrome, Firefox or Safari.',
  connect_timeout: 'Join again in a while.',
};

/** Puts an error into words; the SDK's own messages are for the app's author. */
export function errorWords(error: unknown): ErrorWords {
  if (!(error instanceof RoomSessionError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, advice: '', code: 'unexpected', listenOnlyHelps: false };
  }
  const { code, message, vendorCode } = error;
  const media = vendorCode === undefined ? undefined : mediaAdvice[vendorCode];
  return {
    message: media ? 'Camera and microphone could not be opened.' : message,
    advice: media ?? (vendorCode && serverAdvice[vendorCode]) ?? advice[code] ?? '',
    code: vendorCode === undefined ? code : `${code}, ${vendorCode}`,
    listenOnlyHelps: media !== undefined,
  };
}
