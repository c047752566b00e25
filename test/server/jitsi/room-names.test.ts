// @vitest-environment node
import { decodeJwt, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { parseRoomAddress } from '../../../dev/server/jitsi/room-address.ts';
import { JitsiTokens, judgeRoom } from '../../../dev/server/jitsi/tokens.ts';
import { defaultSettings } from '../../../dev/server/settings.ts';
import { antMediaToken, janusToken, jitsiToken } from '../../../examples/token-recipes/node.ts';
import { checkClaims } from '../../../src/adapters/jitsi/claims.ts';
import { encodeRoom } from '../../../src/adapters/jitsi/room-name.ts';
import { Token } from '../../../src/token/index.ts';

const key = new TextEncoder().encode('a secret of more than thirty-two characters');
const names = ['büro', 'Team Room', 'ß-Team', 'party 🎉', '50% done', 'v1.2'];

describe.each(names)('a token for the room "%s"', (room) => {
  it('by the recipe for Jitsi fits the address and what Prosody compares', async () => {
    const value = await jitsiToken(key, { room, lifetimeS: 60, appId: 'app', domain: 'meet.localhost' });
    const roomName = encodeRoom(room, undefined);
    expect(decodeJwt(value)['room']).toBe(roomName);
    expect(parseRoomAddress(roomName).room).toBe(roomName);
    expect(() => checkClaims(new Token(value, decodeJwt(value), 0), roomName)).not.toThrow();
  });

  it('by the development server is let in by its Prosody', async () => {
    const { jitsi: settings } = defaultSettings();
    const tokens = new JitsiTokens();
    const address = parseRoomAddress(room);
    const grant = { address, identity: 'ada', moderator: false, lifetimeS: 60, fault: null };
    const login = await tokens.verify(await tokens.issue(grant), settings);
    expect('claims' in login && judgeRoom(login.claims, address, settings)).toBe(undefined);
  });

  it('by the recipes for the others names the room as it is', async () => {
    const { privateKey } = await generateKeyPair('RS512');
    expect(decodeJwt(await antMediaToken(key, { room, lifetimeS: 60 }))['streamId']).toBe(room);
    expect(decodeJwt(await janusToken(privateKey, { room, lifetimeS: 60 }))['room_ids']).toEqual([room]);
  });
});
