// @vitest-environment happy-dom
import { expect, onTestFinished, test } from 'vitest';
import type { LocalMediaOptions } from '../../src/index.ts';
import { fakeDevices, unplug } from './adapters/fake-devices.ts';
import { FakeStream, FakeTrack } from './adapters/fake-stream.ts';
import { setUp } from './session-stage.ts';

/** A page whose canvas can be sent. */
function withCanvas(): void {
  Object.defineProperty(HTMLCanvasElement.prototype, 'captureStream', {
    configurable: true,
    value: () => new FakeStream([new FakeTrack('video', 'dark')]),
  });
  onTestFinished(() => void Reflect.deleteProperty(HTMLCanvasElement.prototype, 'captureStream'));
}

/** A session in the room, and what its connection sends. */
async function inRoom(localMedia: LocalMediaOptions = {}) {
  Object.assign(globalThis, { MediaStream: FakeStream });
  const devices = fakeDevices();
  const stage = setUp();
  Object.assign(stage.adapter, { localMedia });
  const sent: FakeTrack[] = [];
  const connect = (): void => {
    const { attempt } = stage.adapter;
    sent.splice(0, sent.length, ...((attempt.localStream?.getTracks() ?? []) as unknown as FakeTrack[]));
    attempt.connected('connected');
    const senders = sent.map((track, at) => ({
      get track() {
        return sent[at];
      },
      replaceTrack: async (now: FakeTrack) => {
        expect(track).toBeDefined();
        sent[at] = now;
      },
    }));
    attempt.connections(() => [{ getSenders: () => senders } as unknown as RTCPeerConnection]);
  };
  // A session reads the adapter's options at its start.
  const { session, ...rest } = setUp({ adapter: stage.adapter });
  stage.adapter.onConnect = connect;
  return { ...rest, session, adapter: stage.adapter, devices, sent };
}

test('another microphone takes the place of the one that is sent, and the old one is freed', async () => {
  const { session, devices, sent } = await inRoom();
  await session.join('standup');
  const before = devices.track('audio');
  await session.setDevice('microphone', 'usb');
  const now = devices.track('audio');
  expect(devices.asked.at(-1)).toEqual({ audio: { deviceId: { exact: 'usb' } } });
  expect(sent).toContain(now);
  expect(session.localStream?.getTracks()).toContain(now);
  expect(before.readyState).toBe('ended');
  await session.leave();
  expect(now.readyState).toBe('ended');
});

test('a muted microphone is muted after another one was chosen, and after a reconnect', async () => {
  const { session, devices, clock, adapter } = await inRoom();
  await session.join('standup');
  await session.setMicrophone(false);
  await session.setDevice('microphone', 'usb');
  expect(devices.track('audio').enabled).toBe(false);
  expect(session.microphone).toMatchObject({ wanted: false, on: false, deviceId: 'usb' });
  unplug(devices.track('audio'));
  adapter.drop();
  await clock.advance(1_000);
  expect(devices.asked.at(-1)).toEqual({ audio: { deviceId: { exact: 'usb' } } });
  expect(devices.track('audio')).toMatchObject({ enabled: false, readyState: 'live' });
});

test('a device that cannot be opened is an error, and the one before goes on', async () => {
  const { session, devices, sent } = await inRoom();
  await session.join('standup');
  const before = devices.track('audio');
  devices.broken.audio = 'NotReadableError';
  await expect(session.setDevice('microphone', 'usb')).rejects.toMatchObject({
    vendorCode: 'NotReadableError',
  });
  expect(sent).toContain(before);
  expect(before.readyState).toBe('live');
});

test('a device that was chosen before the join is opened at the join', async () => {
  const { session, devices } = await inRoom();
  await session.setDevice('camera', 'front');
  await session.join('standup');
  expect(devices.asked).toEqual([{ audio: true, video: { deviceId: { exact: 'front' } } }]);
});

test("the app's own stream stays as it is when another device is chosen", async () => {
  const brought = new FakeStream([new FakeTrack('audio')]);
  const { session, devices, sent } = await inRoom({ localStream: brought as unknown as MediaStream });
  await session.join('standup');
  const [own] = brought.getTracks();
  await session.setDevice('microphone', 'usb');
  expect(sent).toEqual([devices.track('audio')]);
  expect(brought.getTracks()).toEqual([own]);
  expect(own?.readyState).toBe('live');
});

test('a camera that is off is freed, and opened again when it is on', async () => {
  withCanvas();
  const { session, devices, sent } = await inRoom();
  await session.join('standup');
  const camera = devices.track('video');
  await session.setCamera(false);
  expect(camera.readyState).toBe('ended');
  expect(sent.map(({ id }) => id)).toContain('dark');
  expect(session.camera.on).toBe(false);
  await session.setCamera(true);
  expect(devices.track('video')).not.toBe(camera);
  expect(sent).toContain(devices.track('video'));
  expect(session.camera.on).toBe(true);
});

test('a camera that is off before the join is not opened', async () => {
  withCanvas();
  const { session, devices } = await inRoom();
  await session.setCamera(false);
  await session.join('standup');
  expect(devices.asked).toEqual([{ audio: true, video: false }]);
  await session.setCamera(true);
  expect(devices.asked.at(-1)).toEqual({ video: true });
});

test('with keepCamera the camera stays open', async () => {
  withCanvas();
  const { session, devices } = await inRoom({ keepCamera: true });
  await session.join('standup');
  await session.setCamera(false);
  expect(devices.track('video')).toMatchObject({ readyState: 'live', enabled: false });
});

test("what the vendor has put in is muted as wished, and the next attempt has the session's own", async () => {
  const { session, devices, adapter, clock } = await inRoom();
  await session.join('standup');
  await session.setMicrophone(false);
  const stranger = new FakeTrack('audio') as unknown as MediaStreamTrack;
  adapter.attempt.publishes(stranger, 'usb');
  expect(stranger.enabled).toBe(false);
  const stream = session.localStream;
  for (const track of stream?.getAudioTracks() ?? []) {
    track.stop();
    stream?.removeTrack(track);
  }
  stream?.addTrack(stranger);
  adapter.drop();
  await clock.advance(1_000);
  expect(stranger.readyState).toBe('ended');
  expect(adapter.attempt.localStream?.getAudioTracks()).toEqual([devices.track('audio')]);
  expect(devices.track('audio')).toMatchObject({ enabled: false, readyState: 'live' });
  expect(devices.asked.at(-1)).toEqual({ audio: { deviceId: { exact: 'usb' } } });
});

test('a screen takes the place of the camera, and the browser’s own stop gives it back; a muted microphone stays muted', async () => {
  withCanvas();
  const { session, devices, sent, named } = await inRoom();
  await session.join('standup');
  await session.setMicrophone(false);
  await session.setCamera(false);
  const screen = new FakeTrack('video', 'screen');
  Object.assign(navigator.mediaDevices, { getDisplayMedia: async () => new FakeStream([screen]) });
  await session.shareScreen(true);
  expect(sent).toContain(screen);
  expect(screen.enabled).toBe(true);
  expect(session.localParticipant).toMatchObject({ screen: true, camera: false, microphone: false });
  expect(session.localParticipant?.tracks.map(({ source }) => source)).toEqual(['microphone', 'screen']);
  unplug(screen);
  await session.setCamera(true);
  expect(sent).toContain(devices.track('video'));
  expect(session.localParticipant).toMatchObject({ screen: false, camera: true });
  expect(devices.track('audio').enabled).toBe(false);
  expect(named('localParticipantUpdated').map(({ screen: isShared }) => isShared)).toContain(true);
});

test('a screen is an error where the person refuses, and where no picture is published', async () => {
  const { session, devices } = await inRoom({ constraints: { audio: true } });
  await expect(session.shareScreen(true)).rejects.toMatchObject({ capability: 'screen' });
  await session.join('standup');
  await expect(session.shareScreen(true)).rejects.toMatchObject({ code: 'invalid_state' });
  await session.leave();
  expect(devices.asked).toEqual([{ audio: true }]);
  const { session: other } = await inRoom();
  const getDisplayMedia = () => Promise.reject(new DOMException('No', 'NotAllowedError'));
  Object.assign(navigator.mediaDevices, { getDisplayMedia });
  await other.join('standup');
  await expect(other.shareScreen(true)).rejects.toMatchObject({ vendorCode: 'NotAllowedError' });
  Object.assign(navigator.mediaDevices, { getDisplayMedia: undefined });
  const unsupported = { code: 'browser_unsupported', capability: 'screen' };
  await expect(other.shareScreen(true)).rejects.toMatchObject(unsupported);
});
