const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT with these claims, whose signature is nobody's. */
export function fakeJwt(claims: Readonly<Record<string, unknown>>): string {
  return `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}.bm90LWEtcmVhbC1zaWduYXR1cmUtYnV0LWxvbmc`;
}
