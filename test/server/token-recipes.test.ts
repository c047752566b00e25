// @vitest-environment node
// Verified by another library than the one that signs, against the rules that each server's own code has.
import { exportSPKI, generateKeyPair } from 'jose';
import jwt, { type JwtPayload } from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { antMediaToken, janusToken, jitsiToken } from '../../examples/token-recipes/node.ts';

const secret = 'a secret of more than thirty-two characters';
const key = new TextEncoder().encode(secret);
const seconds = () => Math.floor(Date.now() / 1000);

describe('the token recipe for Node', () => {
  test('makes tokens that Ant Media Server lets in: HS256, streamId is the room, type, exp', async () => {
    const token = await antMediaToken(key, { room: 'standup', lifetimeS: 300 });
    const claims = jwt.verify(token, secret, { algorithms: ['HS256'], clockTolerance: 0 }) as JwtPayload;
    expect(claims).toEqual({
      streamId: 'standup',
      type: 'publish',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
    expect(() => jwt.verify(token, `${secret}!`, { algorithms: ['HS256'] })).toThrow('invalid signature');
  });

  test('makes tokens that Janus lets in: RS512 only, join_hub, room_ids, exp in the future', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS512', { extractable: true });
    const token = await janusToken(privateKey, {
      room: 'hall',
      lifetimeS: 300,
      identity: '42',
      mayKick: true,
    });
    const pem = await exportSPKI(publicKey);
    const claims = jwt.verify(token, pem, { algorithms: ['RS512'], clockTolerance: 0 }) as JwtPayload;
    expect(claims).toMatchObject({
      join_hub: true,
      kick_users: true,
      room_ids: ['hall'],
      sub: '42',
      aud: 'webrtc_auth',
    });
    expect(claims.exp).toBeGreaterThan(seconds() + 298);
    expect(() => jwt.verify(token, pem, { algorithms: ['RS256'] })).toThrow('invalid algorithm');
  });

  test('makes tokens that Prosody lets in: typ, HS256, iss, aud as a string, sub, room in lower case, nbf and exp', async () => {
    const token = await jitsiToken(key, {
      room: 'StandUp',
      lifetimeS: 300,
      appId: 'my-app',
      domain: 'meet.example.org',
      user: { id: '7', name: 'Ada' },
      moderator: true,
    });
    const { header, payload } = jwt.verify(token, secret, {
      algorithms: ['HS256'],
      issuer: 'my-app',
      audience: 'jitsi',
      clockTolerance: 0,
      complete: true,
    });
    expect(header.typ).toBe('JWT');
    const claims = payload as JwtPayload;
    expect(claims).toMatchObject({ aud: 'jitsi', sub: 'meet.example.org', room: 'standup' });
    expect(claims.nbf).toBeLessThanOrEqual(seconds());
    expect(claims['context']).toEqual({ user: { id: '7', name: 'Ada', moderator: 'true' } });
  });

  test('makes tokens that are over when they are over', async () => {
    const token = await antMediaToken(key, { room: 'standup', lifetimeS: -60 });
    expect(() => jwt.verify(token, secret, { algorithms: ['HS256'] })).toThrow('jwt expired');
  });
});
