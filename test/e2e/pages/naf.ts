import { RoomSession, type TokenRequest, tokenEndpoint } from 'room-session';
import { type NafJanusOptions, nafJanus } from 'room-session/naf-janus';
import 'room-session/aframe';

/** What a test asks of the page. */
export interface NafOptions {
  readonly room: string;
  readonly identity: string;
  /** The scene connects by itself, and the session follows; else the session connects the scene. */
  readonly sceneDriven?: boolean;
  readonly adapter?: NafJanusOptions;
  readonly joinTimeoutMs?: number;
  /** Where the tokens come from. Default `/token`, for Janus. */
  readonly endpoint?: string;
}

/** What is on `window` for the tests. */
export interface NafPage {
  openScene(options: NafOptions): Promise<void>;
  /** Removes the scene from the page. */
  removeScene(): void;
  moveTo(x: number): void;
  /** Where the avatars of the others are. */
  avatars(): number[];
  session: RoomSession | undefined;
  events: Record<string, unknown>[];
  source(request: object): Promise<unknown>;
}

const page = window as unknown as NafPage;
page.events = [];

const source = tokenEndpoint('/token', {
  body: ({ room, identity }: TokenRequest) => ({ room, identity, backend: 'janus' }),
});
page.source = (request) => source(request as never) as Promise<unknown>;

const names = [
  'stateChanged',
  'attemptFailed',
  'participantJoined',
  'participantLeft',
  'trackAdded',
  'trackRemoved',
  'tokenRefreshed',
  'tokenRefreshFailed',
  'tokenExpired',
  'woke',
] as const;

function listen(session: RoomSession): void {
  page.session = session;
  for (const name of names) {
    session.on(name, (event: object) => {
      const error = 'error' in event && event.error ? describe(event.error) : undefined;
      page.events.push({ name, at: Date.now(), ...event, error });
    });
  }
  session.on('stateChanged', ({ state }) => {
    document.documentElement.dataset['state'] = state;
  });
  session.on('trackAdded', ({ participantId, stream, track }) => {
    if (track.kind !== 'audio') return;
    const id = `sound-${participantId}`;
    const audio = document.getElementById(id) ?? Object.assign(document.createElement('audio'), { id });
    Object.assign(audio, { srcObject: stream, autoplay: true });
    document.body.append(audio);
  });
  session.on('participantLeft', ({ id }) => document.getElementById(`sound-${id}`)?.remove());
}

const describe = (error: unknown) => {
  const { code, message, vendorCode, claim } = error as Record<string, unknown>;
  return { code, message, vendorCode, claim };
};

page.openScene = async ({ room, identity, sceneDriven, adapter = {}, joinTimeoutMs }) => {
  const holder = document.createElement('div');
  const networked = `adapter: janus; room: ${room}; serverURL: /janus`;
  holder.innerHTML = `
    <a-scene embedded vr-mode-ui="enabled: false" loading-screen="enabled: false" background="color: #222"
      renderer="antialias: false; precision: low; maxCanvasWidth: 160; maxCanvasHeight: 120"
      ${sceneDriven ? `networked-scene="${networked}" room-session="source: source; identity: ${identity}"` : ''}
      style="width: 160px; height: 120px">
      <a-entity id="me" camera networked="template: #avatar-template; attachTemplateToLocal: false" position="0 0 0"></a-entity>
    </a-scene>`;
  const scene = holder.firstElementChild as HTMLElement & {
    components: Record<string, { session: RoomSession }>;
  };
  scene.addEventListener('room-session-ready', (event) => listen((event as CustomEvent).detail.session));
  document.body.append(holder);
  if (sceneDriven) return;
  const session = new RoomSession({
    adapter: nafJanus({ serverUrl: '/janus', iceServers: [], ...adapter }),
    tokenSource: source,
    identity,
    joinTimeoutMs,
  });
  listen(session);
  await session.join(room);
};

page.removeScene = () => document.querySelector('a-scene')?.parentElement?.remove();

page.moveTo = (x) => document.querySelector('#me')?.setAttribute('position', `${x} 0 0`);

page.avatars = () =>
  [...document.querySelectorAll('[networked]:not(#me)')].map(
    (avatar) => (avatar as unknown as { object3D: { position: { x: number } } }).object3D.position.x,
  );

document.documentElement.dataset['state'] = 'disconnected';
