// @vitest-environment node
// Verified by another library than the one that signs, against the rules that each server's own code has.
import { readFileSync } from 'node:fs';
import { exportSPKI, generateKeyPair } from 'jose';
import jwt, { type JwtPayload } from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { antMediaToken, isRoomName, janusToken, jitsiToken } from '../../examples/token-recipes/node.ts';

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

describe('a recipe', () => {
  const janusKey = generateKeyPair('RS512');
  const recipes: [name: string, sign: (room: string, secret?: Uint8Array) => Promise<string>][] = [
    ['Ant Media', (room, secret = key) => antMediaToken(secret, { room, lifetimeS: 60 })],
    ['Janus', async (room) => janusToken((await janusKey).privateKey, { room, lifetimeS: 60 })],
    [
      'Jitsi',
      async (room, secret = key) =>
        jitsiToken(secret, { room, lifetimeS: 60, appId: 'my-app', domain: 'meet.example.org' }),
    ],
  ];
  const noNames: unknown[] = [
    '*',
    'team-*',
    '',
    '  ',
    'a\u0000b',
    'x'.repeat(201),
    ['a', 'b'],
    ['a'],
    { a: 1 },
    7,
    null,
    undefined,
  ];

  test.each(recipes)('for %s signs for one room by its name, and for nothing else', async (_name, sign) => {
    await expect(sign('Team Büro')).resolves.toBeTypeOf('string');
    for (const room of noNames) await expect((async () => sign(room as string))()).rejects.toThrow(TypeError);
  });

  test.each(recipes.filter(([name]) => name !== 'Janus'))(
    'for %s takes no secret under 32 bytes',
    async (_name, sign) => {
      const short = new TextEncoder().encode('x'.repeat(31));
      await expect((async () => sign('standup', short))()).rejects.toThrow(/32 bytes/);
      await expect(sign('standup', new Uint8Array(32))).resolves.toBeTypeOf('string');
    },
  );

  test('in the docs asks in each block whether this person may join', () => {
    const page = readFileSync('docs/token-servers.md', 'utf8');
    const blocks = [...page.matchAll(/^ *```(ts|python|elixir)\n([\s\S]*?)^ *```/gm)].map(
      ([, , code]) => code,
    );
    expect(blocks.length).toBeGreaterThanOrEqual(6);
    for (const block of blocks) expect(block).toMatch(/may_?join/i);
  });

  test('in the docs for Node, run as it is, answers 403 to all that is not one room of this person', async () => {
    const page = readFileSync('docs/token-servers.md', 'utf8');
    const code = /```ts\n(app\.post[\s\S]*?)```/.exec(page)?.[1] ?? '';
    type Handler = (request: object, response: object) => Promise<unknown>;
    let handler: Handler | undefined;
    const app = { post: (_path: string, _login: unknown, given: Handler) => (handler = given) };
    // As lax as one may be by mistake: a list of one room reads as that room.
    const mayJoin = (_user: unknown, room: unknown) => `${room}` === 'standup' || room === '*';
    const scope = { app, requireLogin: null, mayJoin, isRoomName, antMediaToken, secret: key };
    new Function(...Object.keys(scope), code)(...Object.values(scope));
    const ask = async (room: unknown) => {
      let status = 200;
      const response = {
        status(given: number) {
          status = given;
          return response;
        },
        set: () => response,
        json: () => response,
      };
      await handler?.({ body: { room }, user: 'ann' }, response);
      return status;
    };
    expect(await ask('standup')).toBe(200);
    for (const room of ['other', ['standup'], ...noNames]) expect(await ask(room)).toBe(403);
  });
});
