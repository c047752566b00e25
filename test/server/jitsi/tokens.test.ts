// @vitest-environment node
// The tokens are made with other libraries than the one that verifies them here, where those let them be made.
import { CompactSign, UnsecuredJWT } from 'jose';
import jwt, { type SignOptions } from 'jsonwebtoken';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseRoomAddress } from '../../../dev/server/jitsi/room-address.ts';
import { type JitsiClaims, JitsiTokens, jitsiDomain, judgeRoom } from '../../../dev/server/jitsi/tokens.ts';
import { defaultSettings, type JitsiSettings } from '../../../dev/server/settings.ts';

const secret = 'a secret of more than thirty-two characters';
const key = new TextEncoder().encode(secret);
const tokens = new JitsiTokens({ domain: jitsiDomain, secret });
const now = 1_800_000_000;
const good = { iss: 'room-session', aud: 'jitsi', sub: jitsiDomain, room: 'standup', iat: now - 60 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const sign = (claims: object, options: SignOptions = {}): string => jwt.sign(claims, secret, options);
/** Of claims that no library of tokens would sign. */
const signAnyway = (claims: object): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(key);

async function verify(token: string | null, settings: Partial<JitsiSettings> = {}) {
  const login = await tokens.verify(token, { ...defaultSettings().jitsi, ...settings });
  const { ok, why } = login.verdict;
  return 'claims' in login ? { ok } : { ok, why, condition: login.condition, text: login.text };
}
const refused = (why: string, text: string, condition = 'not-allowed') => ({
  ok: false,
  why,
  condition,
  text,
});

describe('a login', () => {
  it('accepts a token that says all that is asked', async () => {
    const context = { user: { id: '7', name: 'Ada', moderator: 'true' } };
    const login = await tokens.verify(
      sign({ ...good, nbf: now, exp: now + 1, context }),
      defaultSettings().jitsi,
    );
    expect(login).toEqual({
      verdict: { present: true, ok: true, expiresInMs: 1000 },
      claims: { room: 'standup', domain: jitsiDomain, user: { id: '7', name: 'Ada', moderator: true } },
    });
  });

  it('accepts a token that says no time', async () => {
    expect(await verify(await signAnyway({ ...good, iat: undefined }))).toEqual({ ok: true });
  });

  it('does not look at the room', async () => {
    expect(await verify(sign({ ...good, room: 'other' }))).toEqual({ ok: true });
  });

  it('refuses to go without a token', async () => {
    expect(await verify(null)).toEqual(refused('missing', 'token required'));
    expect(await verify('')).toEqual(refused('malformed', 'Invalid token'));
  });

  it.each([
    ['at the very second that exp names', now, 0],
    ['a minute after exp', now - 60, 60],
  ])('refuses %s, and says how long ago that was', async (_when, exp, since) => {
    const text = `Not acceptable by exp (${since}.0 sec since expired, valid for:${exp - good.iat}.0 sec)`;
    expect(await verify(sign({ ...good, exp }))).toEqual(refused('expired', text));
  });

  it('does not say how long an expired token lived that has no iat', async () => {
    const token = await signAnyway({ ...good, iat: undefined, exp: now - 5 });
    expect(await verify(token)).toEqual(refused('expired', 'Not acceptable by exp (5.0 sec since expired)'));
  });

  it('refuses a second before nbf, and accepts from then on', async () => {
    expect(await verify(sign({ ...good, nbf: now + 1 }))).toEqual(refused('early', 'Not acceptable by nbf'));
    expect(await verify(sign({ ...good, nbf: now }))).toEqual({ ok: true });
  });

  it.each(['exp', 'nbf'])('refuses an %s that is no number', async (claim) => {
    const token = await signAnyway({ ...good, [claim]: String(now + 60) });
    expect(await verify(token)).toEqual(refused('malformed', `${claim} must be number`));
  });

  it.each([
    ['another key', () => jwt.sign(good, `${secret}!`), 'signature', 'Invalid signature'],
    ['HS512', () => sign(good, { algorithm: 'HS512' }), 'algorithm', 'Invalid or incorrect alg'],
    [
      'another typ',
      () => sign(good, { header: { alg: 'HS256', typ: 'at+jwt' } }),
      'malformed',
      'Invalid typ',
    ],
    ['no signature', () => new UnsecuredJWT(good).encode(), 'malformed', 'Invalid typ'],
    ['two parts', () => sign(good).split('.').slice(0, 2).join('.'), 'malformed', 'Invalid token'],
    ['nonsense', () => 'a.b.c', 'malformed', 'Invalid header'],
  ])('refuses a token with %s', async (_what, make, why, text) => {
    expect(await verify(make())).toEqual(refused(why, text));
  });

  it('wants an issuer that is accepted', async () => {
    expect(await verify(sign({ ...good, iss: undefined }))).toEqual(
      refused('issuer', "'iss' claim is missing"),
    );
    expect(await verify(sign({ ...good, iss: 'other' }))).toEqual(refused('issuer', "invalid 'iss' claim"));
    expect(await verify(sign({ ...good, iss: 'other' }), { acceptedIssuers: ['a', 'other'] })).toEqual({
      ok: true,
    });
  });

  it('wants an audience, and any does by default', async () => {
    expect(await verify(sign({ ...good, aud: undefined }))).toEqual(
      refused('audience', "'aud' claim is missing"),
    );
    expect(await verify(sign({ ...good, aud: 'other' }))).toEqual({ ok: true });
    expect(await verify(sign({ ...good, aud: ['jitsi'] }))).toEqual({ ok: true });
  });

  it('wants one of the audiences where they are listed, and as a text', async () => {
    const listed = { acceptedAudiences: ['jitsi'] };
    expect(await verify(sign(good), listed)).toEqual({ ok: true });
    for (const aud of ['other', ['jitsi']])
      expect(await verify(sign({ ...good, aud }), listed)).toEqual(
        refused('audience', "invalid 'aud' claim"),
      );
  });

  it.each([
    ['room', 'room'],
    ['sub', 'domain'],
  ])('refuses a token without %s in a way that clients hear no text of', async (claim, why) => {
    const token = sign({ ...good, [claim]: undefined });
    expect(await verify(token)).toEqual(refused(why, `${claim} claim is missing`, 'not-authorized'));
  });
});

describe('a room', () => {
  const claims = (room: unknown, domain: string = jitsiDomain): JitsiClaims => ({
    room,
    domain,
    user: { id: '', name: '', moderator: false },
  });
  const judge = (of: JitsiClaims, path: string, settings: Partial<JitsiSettings> = {}) =>
    judgeRoom(of, parseRoomAddress(path), { ...defaultSettings().jitsi, ...settings });

  it.each([
    ['standup', 'standup', undefined],
    ['StandUp', 'sTANDuP', undefined],
    ['*', 'standup', undefined],
    ['other', 'standup', 'room'],
    ['stand.*', 'standup', 'room'],
    ['stand up', 'stand%20up', 'room'],
    ['stand%20up', 'stand%20up', undefined],
    ['z%c3%bcrich', 'Zürich', undefined],
    [7, '7', 'room'],
    [null, 'null', 'room'],
  ])('%j in the token and %j in the path: %s', (room, path, why) => {
    expect(judge(claims(room), path)).toBe(why);
  });

  it.each([
    [jitsiDomain, 'standup', undefined],
    [jitsiDomain.toUpperCase(), 'standup', undefined],
    ['*', 'standup', undefined],
    ['other.example', 'standup', 'domain'],
    ['acme', 'acme/standup', undefined],
    ['Acme', 'ACME/standup', undefined],
    ['*', 'acme/standup', undefined],
    [jitsiDomain, 'acme/standup', 'domain'],
    ['acme', 'standup', 'domain'],
  ])('sub %j at %j: %s', (sub, path, why) => {
    expect(judge(claims('standup', sub), path)).toBe(why);
    expect(judge(claims('standup', sub), path, { checkDomain: false })).toBeUndefined();
  });
});
