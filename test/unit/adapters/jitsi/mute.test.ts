import { describe, expect, test } from 'vitest';
import { collectReports, outcome } from '../../session-stage.ts';
import { type Stage, setUp } from './jitsi-stage.ts';

describe.each([
  ['setMicrophone', 'audio', 'toggleAudio'],
  ['setCamera', 'video', 'toggleVideo'],
] as const)('%s', (method, kind, toggle) => {
  /** The page is busy, and does what it was told when it is not any more. */
  function busy({ server }: Stage): () => void {
    const { frame } = server;
    const waiting: (() => void)[] = [];
    const { executeCommand, isAudioMuted, isVideoMuted } = frame;
    const later =
      <Answer>(work: () => Promise<Answer>) =>
      () =>
        new Promise<Answer>((resolve) => {
          waiting.push(() => void work.call(frame).then(resolve));
        });
    frame.isAudioMuted = later(isAudioMuted);
    frame.isVideoMuted = later(isVideoMuted);
    frame.executeCommand = (name, ...values) => {
      waiting.push(() => executeCommand.call(frame, name, ...values));
    };
    return () => {
      Object.assign(frame, { executeCommand, isAudioMuted, isVideoMuted });
      for (const work of waiting.splice(0)) work();
    };
  }

  test('called twice while the page is busy for 6 s ends muted', async () => {
    const stage = setUp();
    const { join, session, server, pass } = stage;
    await join();
    const done = busy(stage);
    const both = outcome(Promise.all([session[method](false), session[method](false)]));
    await pass(6_000);
    expect(both).toEqual({ done: false });
    done();
    await pass(4_000);
    expect(server.frame.muted[kind]).toBe(true);
    expect(server.frame.commands.map(([name]) => name)).toEqual([toggle]);
    expect(both).toEqual({ done: true });
    expect(server.frames).toHaveLength(1);
  });

  test('sends nothing on a guess: a page that does not answer is not unmuted', async () => {
    const { join, session, server, pass } = setUp();
    await join();
    server.frame.mute(kind, true);
    server.answers = false;
    const on = outcome(session[method](true));
    await pass(11_000);
    expect(on.error).toMatchObject({ code: 'connect_failed', vendorCode: toggle });
    expect(server.frame.commands).toEqual([]);
    expect(server.frame.muted[kind]).toBe(true);
    expect(server.frames).toHaveLength(1);
  });

  test('of a page that does not mute puts a muted frame in its place, and rejects', async () => {
    const { join, session, server, pass } = setUp({ lifeS: 3_600 });
    await join();
    const { frame } = server;
    frame.mute = () => {};
    const off = outcome(session[method](false));
    await pass(12_000);
    expect(off.error).toMatchObject({ code: 'connect_failed', vendorCode: toggle });
    expect(frame.commands).toEqual([[toggle]]);
    expect(server.frames).toHaveLength(2);
    expect(server.open).toEqual([server.frame]);
    expect(server.frame.muted[kind]).toBe(true);
  });

  test('that failed to unmute does not surprise later: what the page tells is put right', async () => {
    const { join, session, server, pass } = setUp({ lifeS: 3_600 });
    await join();
    await session[method](false);
    const { frame } = server;
    const { mute } = frame;
    frame.mute = () => {};
    const on = outcome(session[method](true));
    await pass(11_000);
    expect(on.error).toMatchObject({ code: 'connect_failed' });
    frame.mute = mute;
    await pass(60_000);
    frame.mute(kind, false);
    await pass(1_000);
    expect(frame.muted[kind]).toBe(true);
  });

  test('holds against a page that unmutes as it comes into the room', async () => {
    const { join, session, server, pass } = setUp();
    await session[method](false);
    await join();
    server.frame.mute(kind, false);
    await pass(1_000);
    expect(server.frame.muted[kind]).toBe(true);
    await pass(5_000);
    server.frame.mute(kind, false);
    await pass(1_000);
    expect(server.frame.muted[kind]).toBe(false);
  });

  test('is no endless toggling where the page cannot', async () => {
    const { join, session, server, pass } = setUp({ lifeS: 3_600 });
    await join();
    await session[method](false);
    const { frame } = server;
    const { mute } = frame;
    frame.mute = (device) => mute.call(frame, device, true);
    const on = outcome(session[method](true));
    await pass(11_000);
    expect(on.error).toMatchObject({ code: 'connect_failed' });
    expect(frame.commands.length).toBeLessThanOrEqual(4);
  });

  test('whose frame is replaced in the middle is settled, and the wish holds in the next one', async () => {
    const reports = collectReports();
    const stage = setUp({ lifeS: 3_600 });
    const { join, session, server, pass } = stage;
    await join();
    server.frame.mute(kind, true);
    server.answers = false;
    const on = outcome(session[method](true));
    server.frame.fail('conference.iceFailed', { isFatal: true });
    await pass(1_000);
    expect(on.error).toMatchObject({ code: 'connect_failed' });
    server.answers = true;
    await pass(2_000);
    expect(server.frames).toHaveLength(2);
    expect(server.frame.muted[kind]).toBe(false);
    expect(reports).toEqual([]);
  });
});
