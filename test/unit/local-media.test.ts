import { beforeEach, describe, expect, test } from 'vitest';
import type { LocalMediaOptions } from '../../src/index.ts';
import { FakeAdapter } from '../../src/testing/index.ts';
import { type FakeDevices, fakeDevices, kindsOf, unplug } from './adapters/fake-devices.ts';
import { FakeStream, FakeTrack } from './adapters/fake-stream.ts';
import { outcome, type Stage, setUp } from './session-stage.ts';

let devices: FakeDevices;
beforeEach(() => {
  devices = fakeDevices();
});

/** A session whose adapter publishes local media. */
function setUpMedia(localMedia: LocalMediaOptions = {}): Stage {
  const adapter = Object.assign(new FakeAdapter(), { localMedia });
  return { ...setUp({ adapter }), adapter };
}

const published = ({ session }: Stage) => kindsOf(session.localStream?.getTracks() ?? []);

describe('camera and microphone', () => {
  test('are opened for the join, published, and stopped at its end', async () => {
    const stage = setUpMedia();
    await stage.session.join('standup');
    expect(published(stage)).toEqual(['audio live', 'video live']);
    await stage.session.leave();
    expect(stage.session.localStream).toBeUndefined();
    expect(devices.opened[0]?.getTracks().map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
  });

  test.each([
    ['video', 'NotFoundError', ['audio live'], 'camera'],
    ['video', 'NotAllowedError', ['audio live'], 'camera'],
    ['video', 'NotReadableError', ['audio live'], 'camera'],
    ['audio', 'NotFoundError', ['video live'], 'microphone'],
  ] as const)(
    'where the %s says %s, the other one has to do, and it is told',
    async (kind, name, left, device) => {
      devices.broken[kind] = name;
      const stage = setUpMedia();
      await stage.session.join('standup');
      expect(published(stage)).toEqual(left);
      expect(stage.named('deviceLost')).toMatchObject([
        { device, problem: 'unavailable', error: { code: 'connect_failed', vendorCode: name } },
      ]);
    },
  );

  test('that both fail end the join, with the options that help', async () => {
    Object.assign(devices.broken, { audio: 'NotFoundError', video: 'NotFoundError' });
    const stage = setUpMedia();
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(0);
    expect(join.error).toMatchObject({ code: 'connect_failed', vendorCode: 'NotFoundError' });
    expect(String(join.error)).toMatch(/constraints.*listenOnly/);
  });

  test('are asked for once where the app wants only one of them', async () => {
    devices.broken.audio = 'NotFoundError';
    const stage = setUpMedia({ constraints: { audio: true } });
    const join = outcome(stage.session.join('standup'));
    await stage.clock.advance(0);
    expect(join.error).toMatchObject({ vendorCode: 'NotFoundError' });
    expect(devices.asked).toHaveLength(1);
  });

  test('are left as the app has them where it brings its own stream', async () => {
    const tracks = [new FakeTrack('audio'), new FakeTrack('video')];
    for (const track of tracks) track.enabled = false;
    const localStream = new FakeStream(tracks) as unknown as MediaStream;
    const stage = setUpMedia({ localStream });
    await stage.session.join('standup');
    expect(tracks.map(({ enabled }) => enabled)).toEqual([false, false]);
    await stage.session.setCamera(true);
    expect(tracks.map(({ enabled }) => enabled)).toEqual([false, true]);
    await stage.session.leave();
    expect(tracks.map(({ readyState }) => readyState)).toEqual(['live', 'live']);
  });
});

describe('the app’s own stream, after leave', () => {
  const own = (...enabled: boolean[]) => {
    const tracks = enabled.map((on, at) =>
      Object.assign(new FakeTrack(at ? 'video' : 'audio'), { enabled: on }),
    );
    const localStream = new FakeStream(tracks) as unknown as MediaStream;
    return { localStream, states: () => tracks.map((track) => track.enabled), tracks };
  };

  test.each([
    [true, false],
    [false, true],
  ])('is as it was before the join, with a microphone that is on: %s', async (on, turned) => {
    const { localStream, states } = own(on, on);
    const stage = setUpMedia({ localStream });
    await stage.session.setMicrophone(turned);
    expect(states()).toEqual([on, on]);
    await stage.session.join('standup');
    await stage.session.setCamera(turned);
    expect(states()).toEqual([turned, turned]);
    await stage.session.leave();
    expect(states()).toEqual([on, on]);
    // The wishes go on.
    await stage.session.join('standup');
    expect(states()).toEqual([turned, turned]);
    await stage.session.leave();
  });

  test('is given back only when nothing is sent', async () => {
    const { localStream, states } = own(true);
    const stage = setUpMedia({ localStream });
    let closed = () => {};
    stage.adapter.onEnd = () =>
      new Promise((resolve) => {
        closed = resolve;
      });
    await stage.session.join('standup');
    await stage.session.setMicrophone(false);
    const left = stage.session.leave();
    await stage.clock.advance(100);
    expect(states()).toEqual([false]);
    closed();
    await left;
    expect(states()).toEqual([true]);
  });

  test('is as it was after a join that fails', async () => {
    const { localStream, states } = own(true);
    const stage = setUpMedia({ localStream });
    stage.adapter.onConnect = (attempt) => attempt.denied(new Error('no'));
    await stage.session.setMicrophone(false);
    await expect(stage.session.join('standup')).rejects.toMatchObject({ code: 'connect_failed' });
    await stage.clock.advance(0);
    expect(states()).toEqual([true]);
  });

  test('stays as the app turned it meanwhile', async () => {
    const { localStream, tracks } = own(true);
    const stage = setUpMedia({ localStream });
    await stage.session.join('standup');
    await stage.session.setMicrophone(true);
    (tracks[0] as FakeTrack).enabled = false;
    await stage.session.leave();
    expect(tracks[0]?.enabled).toBe(false);
  });

  test('is changed by no second session that has no wish, and given back by the last one', async () => {
    const { localStream, states } = own(true, true);
    const [first, second] = [setUpMedia({ localStream }), setUpMedia({ localStream })];
    await first.session.join('standup');
    await first.session.setMicrophone(false);
    await second.session.join('retro');
    expect(states()).toEqual([false, true]);
    await second.session.leave();
    expect(states()).toEqual([false, true]);
    await second.session.join('retro');
    await first.session.leave();
    // The second one still sends it: muted stays muted.
    expect(states()).toEqual([false, true]);
    await second.session.leave();
    expect(states()).toEqual([true, true]);
  });
});

describe('a device that ends', () => {
  test('is told, and opened again before the next attempt, muted as before', async () => {
    const stage = setUpMedia();
    await stage.session.join('standup');
    await stage.session.setMicrophone(false);
    const stream = stage.session.localStream;
    unplug(devices.track('audio'));
    expect(stage.named('deviceLost')).toEqual([{ device: 'microphone', problem: 'ended' }]);
    stage.adapter.drop();
    await stage.clock.advance(1_000);
    expect(stage.session.localStream).toBe(stream);
    expect(published(stage)).toEqual(['audio live', 'video live']);
    expect(stream?.getTracks().find(({ kind }) => kind === 'audio')?.enabled).toBe(false);
    expect(devices.asked.at(-1)).toEqual({ audio: true });
    expect(stage.named('deviceRestored')).toEqual([{ device: 'microphone' }]);
    await stage.session.leave();
    expect(
      devices.opened.flatMap((each) => each.getTracks()).every(({ readyState }) => readyState === 'ended'),
    ).toBe(true);
  });

  test('comes back muted where the app had muted its track itself, also after a failure to open it', async () => {
    const stage = setUpMedia();
    await stage.session.join('standup');
    const first = devices.opened[0]?.getAudioTracks()[0] as FakeTrack;
    first.enabled = false;
    unplug(first);
    devices.broken.audio = 'NotReadableError';
    stage.adapter.drop();
    await stage.clock.advance(1_000);
    delete devices.broken.audio;
    stage.adapter.drop();
    await stage.clock.advance(1_000);
    const audio = stage.session.localStream?.getTracks().find(({ kind }) => kind === 'audio');
    expect(audio).not.toBe(first);
    expect(audio?.enabled).toBe(false);
  });

  test('and cannot be opened again is not published, and the call goes on', async () => {
    const stage = setUpMedia();
    await stage.session.join('standup');
    unplug(devices.track('video'));
    devices.broken.video = 'NotFoundError';
    stage.adapter.drop();
    await stage.clock.advance(1_000);
    expect(stage.session.state).toBe('connected');
    expect(published(stage)).toEqual(['audio live']);
    expect(stage.named('deviceLost').map(({ device, problem }) => [device, problem])).toEqual([
      ['camera', 'ended'],
      ['camera', 'unavailable'],
    ]);
    delete devices.broken.video;
    stage.adapter.drop();
    await stage.clock.advance(1_000);
    expect(published(stage)).toEqual(['audio live', 'video live']);
  });

  test('of a stream of the app is told, and left to the app', async () => {
    const track = new FakeTrack('audio');
    const stage = setUpMedia({ localStream: new FakeStream([track]) as unknown as MediaStream });
    await stage.session.join('standup');
    unplug(track);
    stage.adapter.drop();
    await stage.clock.advance(1_000);
    expect(stage.named('deviceLost')).toHaveLength(1);
    expect(devices.asked).toEqual([]);
  });

  test('is told once more when the system mutes it and gives it back', async () => {
    const stage = setUpMedia();
    await stage.session.join('standup');
    const track = devices.track('audio');
    track.dispatchEvent(new Event('mute'));
    track.dispatchEvent(new Event('unmute'));
    expect(stage.named('deviceLost')).toEqual([{ device: 'microphone', problem: 'muted' }]);
    expect(stage.named('deviceRestored')).toEqual([{ device: 'microphone' }]);
    await stage.session.leave();
    track.dispatchEvent(new Event('mute'));
    expect(stage.named('deviceLost')).toHaveLength(1);
  });
});
