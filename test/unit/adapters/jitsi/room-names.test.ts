import { describe, expect, test } from 'vitest';
import { setUp } from './jitsi-stage.ts';

describe('a room whose name an address can have', () => {
  test.each([
    ['büro', 'b%c3%bcro'],
    ['BÜRO', 'b%c3%bcro'],
    ['team room', 'team%20room'],
    ['ß-Team', '%c3%9f-team'],
    ['party 🎉', 'party%20%f0%9f%8e%89'],
    ['50% done', '50%25%20done'],
    ['a\\b', 'a%5cb'],
    ['v1.2', 'v1.2'],
  ])('"%s" is %s in the address and in the claim', async (room, roomName) => {
    const { join, server } = setUp({ claims: { room: roomName } });
    await join(room);
    expect(server.frame.options.roomName).toBe(roomName);
  });

  test.each(['büro', 'team room', 'ß-Team', 'party 🎉'])(
    '"%s" does not fit a claim that is not encoded, which is told with the expected one',
    async (room) => {
      const { join, server } = setUp({ claims: { room } });
      const error = await join(room).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'token_mismatch', claim: 'room' });
      const expected = encodeURIComponent(room.toLowerCase()).toLowerCase();
      expect(error.message).toContain(`"${expected}"`);
      expect(server.frames).toEqual([]);
    },
  );
});

test.each([null, 7, ['standup']])('a claim that is no text, %j, fits no room, and is told', async (room) => {
  const { join, server } = setUp({ claims: { room } });
  await expect(join()).rejects.toMatchObject({ code: 'token_mismatch', claim: 'room' });
  expect(server.frames).toEqual([]);
});

describe('a room whose name the page would change is refused before a frame', () => {
  test.each([
    ['a+b', undefined, '"+"'],
    ["ada's", undefined, '"\'"'],
    ['say "hi"', undefined, '"\\""'],
    ['a?b#c', undefined, '"?" "#"'],
    ['what？', undefined, '"?"'],
    ['a\nb', undefined, '"\\n"'],
    ['..', undefined, '".."'],
    ['.', 'school', '"."'],
    ['school/..', undefined, '".."'],
    ['school/', undefined, 'empty'],
    ['Physics 10/A', 'school', '"/"'],
    ['is-this-a-room/20/07/2026', undefined, '"/"'],
    ['standup', '../other', '"/"'],
    ['standup', '..', '".."'],
    ['．．', undefined, '".."'],
    ['‥', 'school', '".."'],
    ['school/．', undefined, '"."'],
    ['standup', '．．', '".."'],
    ['school／standup／a', undefined, '"/"'],
    ['a／b', 'school', '"/"'],
  ])('%j with tenant %s names %s', async (room, tenant, what) => {
    const { join, server, open } = setUp({ adapter: { tenant }, claims: { room: '*' } });
    const error = await join(room).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_argument' });
    expect(error.message).toContain(what);
    expect(server.frames).toEqual([]);
    expect(open()).toEqual([]);
  });
});
