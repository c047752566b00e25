declare const brand: unique symbol;

/** A random name of a session, the same in its log, its report and, on request, in a header to the token endpoint. */
export type SessionId = string & { readonly [brand]: true };

/** A new one for each session. */
export function makeSessionId(): SessionId {
  return Math.random().toString(36).slice(2, 14) as SessionId;
}
