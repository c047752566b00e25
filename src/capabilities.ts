import type { RoomAdapter } from './adapter.ts';

/** What a backend may be unable to do. */
export type Capability =
  | 'microphone'
  | 'camera'
  | 'screen'
  | 'devices'
  | 'speaker'
  | 'messages'
  | 'metadata'
  | 'kick';

const needs: Readonly<Record<Capability, (adapter: RoomAdapter) => unknown>> = {
  microphone: ({ setMicrophone, localMedia }) => setMicrophone || localMedia,
  camera: ({ setCamera, localMedia }) => setCamera || localMedia,
  screen: ({ shareScreen, localMedia }) => shareScreen || localMedia,
  devices: ({ setDevice, localMedia }) => setDevice || localMedia,
  speaker: ({ setDevice }) => setDevice,
  messages: ({ send }) => send,
  metadata: ({ announce }) => announce,
  kick: ({ kick }) => kick,
};

/** Whether the backend of `adapter` can do it. */
export function can(adapter: RoomAdapter, capability: Capability): boolean {
  return !!needs[capability]?.(adapter);
}
