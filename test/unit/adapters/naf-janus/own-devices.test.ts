import { describe, expect, test } from 'vitest';
import { fakeDevices, kindsOf, unplug } from '../fake-devices.ts';
import type { FakeStream } from '../fake-stream.ts';
import { setUp, ways } from './naf-janus-stage.ts';

describe.each(ways)('a scene (%s) whose microphone ends', (_name, way) => {
  test('publishes one that is alive after a reconnect, and shows the scene the same one', async () => {
    const devices = fakeDevices();
    const { join, pass, server, states, vendor, own } = setUp({ way, adapter: { localStream: undefined } });
    await join();
    await pass(1_000);
    const first = devices.track('audio');
    unplug(first);
    server.drop();
    await pass(5_000);
    expect(states().at(-1)).toBe('connected');
    const second = devices.track('audio');
    expect(second).not.toBe(first);
    expect(kindsOf(own().sent as unknown as MediaStreamTrack[])).toEqual(['audio live']);
    expect(own().sent).toEqual([second]);
    expect(vendor().localMediaStream?.getTracks()).toEqual([second]);
    // What the scene shows of us, such as the level of our voice.
    const { clientId, getMediaStream } = vendor() as unknown as {
      clientId: string;
      getMediaStream(id: string): Promise<FakeStream>;
    };
    const shown = await getMediaStream.call(vendor(), clientId);
    expect(shown.getAudioTracks()).toEqual([second]);
  });
});
