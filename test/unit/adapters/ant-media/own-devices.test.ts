import { describe, expect, test } from 'vitest';
import { fakeDevices, kindsOf, unplug } from '../fake-devices.ts';
import { setUp } from './ant-media-stage.ts';

/** A session that opens the devices itself, on this machine. */
function setUpDevices() {
  const devices = fakeDevices();
  const stage = setUp({ adapter: { localStream: undefined } });
  const told: string[] = [];
  stage.session.on('deviceLost', ({ device, problem }) => told.push(`${device} ${problem}`));
  stage.session.on('deviceRestored', ({ device }) => told.push(`${device} restored`));
  return { ...stage, devices, told, sent: () => kindsOf(stage.connections().own?.sent ?? []) };
}

describe('a reconnect', () => {
  test.each(['audio', 'video'] as const)('publishes no %s track that has ended', async (kind) => {
    const { join, pass, server, states, devices, told, sent } = setUpDevices();
    await join();
    await pass(1_000);
    unplug(devices.track(kind));
    await pass(1_000);
    server.drop();
    await pass(5_000);
    expect(states().at(-1)).toBe('connected');
    expect(sent()).toEqual(['audio live', 'video live']);
    const device = kind === 'audio' ? 'microphone' : 'camera';
    expect(told).toEqual([`${device} ended`, `${device} restored`]);
  });

  test('publishes the camera alone where the microphone does not come back', async () => {
    const { join, pass, server, states, devices, sent } = setUpDevices();
    await join();
    unplug(devices.track('audio'));
    devices.broken.audio = 'NotReadableError';
    server.drop();
    await pass(5_000);
    expect(states().at(-1)).toBe('connected');
    expect(sent()).toEqual(['video live']);
  });
});

describe('a join', () => {
  test('publishes the microphone alone where there is no camera', async () => {
    const { join, pass, session, devices, told, sent } = setUpDevices();
    devices.broken.video = 'NotFoundError';
    await join();
    await pass(100);
    expect(session.state).toBe('connected');
    expect(sent()).toEqual(['audio live']);
    expect(told).toEqual(['camera unavailable']);
  });

  test('fails where there is neither, and the error names the options that help', async () => {
    const { join, devices } = setUpDevices();
    Object.assign(devices.broken, { audio: 'NotFoundError', video: 'NotFoundError' });
    await expect(join()).rejects.toThrow(/constraints.*listenOnly/);
  });
});
