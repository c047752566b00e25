import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bothHearAndSee,
  commandsSince,
  hearsAndSees,
  joined,
  joinedByHand,
  pause,
  type Stage,
  startStage,
  until,
} from '../harness.ts';

const lifetimeS = 12;

describe.concurrent.each([
  ['by name', null],
  ['in slots', { video: 5, audio: 3 }],
])('with tokens of 12 s and tracks %s', (_how, slots) => {
  let stage: Stage;
  beforeAll(async () => {
    const media = { slots, slotLists: 'lost' } as const;
    stage = await startStage({ settings: { tokenLifetimeS: lifetimeS, media } });
  });
  afterAll(() => stage.close());

  test('somebody who joins after 30 s and the one who was there hear and see each other, and go on doing so', async () => {
    const a = await joined(stage, 'late', 'late-alice');
    await pause(30_000);
    const b = await joined(stage, 'late', 'late-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    await pause(10_000);
    expect(await bothHearAndSee(a, b)).toBe(true);
    expect(commandsSince(stage, 'late').filter(({ token }) => !token.ok)).toEqual([]);
  });

  test('media is back on both sides after the socket dropped with the first token dead for 10 s', async () => {
    const a = await joined(stage, 'dropped', 'dropped-alice');
    const b = await joined(stage, 'dropped', 'dropped-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    await pause((lifetimeS + 10) * 1_000);
    const before = stage.server.log.last;
    expect(await stage.server.media.drop({ room: 'dropped' })).toBe(2);
    await until('both are in the room again', () => commandsSince(stage, 'dropped', before).length >= 4);
    await until('both hear and see again', () => bothHearAndSee(a, b));
    const commands = commandsSince(stage, 'dropped');
    expect(commands.filter(({ token }) => !token.ok)).toEqual([]);
    expect(new Set(commandsSince(stage, 'dropped', before).map(({ type }) => type))).toEqual(
      new Set(['publish', 'play']),
    );
  });
});

describe.concurrent('a hand-written integration with tokens of 12 s', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: lifetimeS } });
  });
  afterAll(() => stage.close({ leaky: true }));

  test('stays without media after the socket dropped with its token dead, and writes the token to the console', async () => {
    const a = await joinedByHand(stage, 'naive', 'naive-alice');
    const b = await joinedByHand(stage, 'naive', 'naive-bob');
    await until('both hear and see', () => bothHearAndSee(a, b));
    await pause((lifetimeS + 10) * 1_000);
    const before = stage.server.log.last;
    await stage.server.media.drop({ room: 'naive' });
    await pause(15_000);
    expect(await hearsAndSees(a)).toBe(false);
    expect(await hearsAndSees(b)).toBe(false);
    const commands = commandsSince(stage, 'naive', before);
    expect(commands.length).toBeGreaterThan(4);
    expect(new Set(commands.map(({ token }) => token.why))).toEqual(new Set(['expired']));
    // So the check that our own pages pass can fail.
    expect(await stage.leaks()).not.toEqual([]);
  });
});
