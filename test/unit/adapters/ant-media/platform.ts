import { onTestFinished, vi } from 'vitest';
import type { FakeClock } from '../../../../src/testing/index.ts';
import { FakeStream } from '../fake-stream.ts';
import type { FakeAms } from './fake-ams.ts';
import { FakeAudioContext, FakePeerConnection } from './fake-media.ts';

/** What the vendor's client needs of a browser and happy-dom does not have. */
export function stubPlatform(): void {
  FakePeerConnection.open.clear();
  FakePeerConnection.made = 0;
  FakeAudioContext.open.clear();
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.stubGlobal(
    'RTCSessionDescription',
    class {
      constructor(description: object) {
        Object.assign(this, description);
      }
    },
  );
  vi.stubGlobal(
    'RTCIceCandidate',
    class {
      constructor(candidate: object) {
        Object.assign(this, candidate);
      }
    },
  );
  vi.stubGlobal('AudioContext', FakeAudioContext);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

/** Everything that a stay must not leave behind, by name. */
export function openThings(server: FakeAms, clock: FakeClock): string[] {
  const things: [count: number, name: string][] = [
    [server.network.open().length, 'a socket'],
    [FakePeerConnection.open.size, 'a peer connection'],
    [FakeAudioContext.open.size, 'an AudioContext'],
    [clock.timerCount, 'a timer'],
    [clock.wakeListenerCount, 'a wake listener'],
    [vi.getTimerCount(), 'a timer of the vendor’s'],
  ];
  return things.flatMap(([count, name]) => Array.from({ length: count }, () => name));
}
