/**
 * What a scene's author writes without us, after the vendor's document on securing Janus: an async listener of
 * `adapter-ready` that fetches a token. It shows that the tests can fail.
 */
import { addScene, play, type ScenePage, scenePage } from './naf-scene.ts';

export interface RecipePage extends ScenePage {
  /** Resolves when the scene is connected, rejects as networked-aframe does. */
  openRecipe(room: string, identity: string): Promise<unknown>;
}

interface Adapter {
  availableOccupants: string[];
  requestedOccupants: string[];
  setClientId(id: string): void;
  setJoinToken(token: string): void;
  setPeerConnectionConfig(config: RTCConfiguration): void;
  setLocalMediaStream(stream: MediaStream): Promise<void>;
  getMediaStream(id: string): Promise<MediaStream>;
}

async function fetchToken(room: string, identity: string): Promise<string> {
  const response = await fetch('/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ room, identity, backend: 'janus' }),
  });
  return (await response.json()).token;
}

Object.assign(window as unknown as RecipePage, scenePage, {
  async openRecipe(room: string, identity: string) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const scene = addScene(
      `networked-scene="adapter: janus; room: ${room}; serverURL: ws://${location.host}/janus; connectOnLoad: false"`,
    );
    let adapter: Adapter | undefined;
    scene.addEventListener('adapter-ready', async (event) => {
      adapter = (event as CustomEvent<Adapter>).detail;
      adapter.setClientId(identity);
      adapter.setPeerConnectionConfig({ iceServers: [] });
      adapter.requestedOccupants = adapter.availableOccupants;
      void adapter.setLocalMediaStream(stream);
      adapter.setJoinToken(await fetchToken(room, identity));
    });
    document.body.addEventListener('clientConnected', async (event) => {
      const { clientId } = (event as CustomEvent).detail;
      if (adapter) play(clientId, await adapter.getMediaStream(clientId));
    });
    await new Promise((resolve) => scene.addEventListener('loaded', resolve));
    const { components } = scene as unknown as {
      components: Record<string, { connect(): Promise<unknown> }>;
    };
    return components['networked-scene']?.connect();
  },
});
