import { RoomSession, type TokenRequest, type TokenSource, tokenEndpoint } from 'room-session';
import { type NafJanusAdapter, type NafJanusOptions, nafJanus } from 'room-session/naf-janus';
import { recordReport } from 'room-session/report';
import 'room-session/aframe';
import type { NetworkedAFrame } from '../../../src/adapters/naf-janus/vendor.ts';
import { forkOf, type VendorClass } from '../../unit/adapters/naf-janus/forked-adapter.ts';
import { addScene, play, type ScenePage, scenePage } from './naf-scene.ts';
import { type JoinOutcome, keepEvents, outcomeOf } from './told.ts';

/** What a test asks of the page. */
export interface NafOptions {
  readonly room: string;
  readonly identity: string;
  /** The scene connects by itself, and the session follows; else the session connects the scene. */
  readonly sceneDriven?: boolean;
  readonly adapter?: Pick<NafJanusOptions, 'serverUrl' | 'constraints' | 'listenOnly' | 'localStream'>;
  readonly joinTimeoutMs?: number;
  /** naf-janus-adapter 4.3.0, our stand-in for it, in place of 4.0.1. */
  readonly isFork?: boolean;
  /** In place of one from the endpoint. */
  readonly token?: string;
}

/** What is on `window` for the tests. */
export interface NafPage extends ScenePage {
  /** Adds a scene that connects to nothing; resolves when it is loaded. */
  openBareScene(): Promise<unknown>;
  /** Resolves when in the room, rejects with what ended the join. */
  openScene(options: NafOptions): Promise<void>;
  /** The same, and says how it ended. */
  tryScene(options: NafOptions): Promise<JoinOutcome>;
  source: TokenSource;
  session: RoomSession | undefined;
  adapter: NafJanusAdapter | undefined;
  events: Record<string, unknown>[];
}

const source = tokenEndpoint('/token', {
  body: ({ room, identity }: TokenRequest) => ({ room, identity, backend: 'janus' }),
});

/** Keeps everything that a session tells in `window.events`. */
function listen(session: RoomSession): void {
  page.session = session;
  keepEvents(session, page.events);
  session.on('trackAdded', ({ participantId, stream }) => play(participantId, stream));
  session.on('participantLeft', ({ id }) => document.getElementById(`sound-${id}`)?.remove());
}

/** networked-aframe makes its objects from the fork from now on. */
function useFork(): void {
  const { NAF } = window as unknown as { NAF: NetworkedAFrame & { adapters: Adapters } };
  NAF.adapters.register('janus', forkOf(NAF.adapters.adapters['janus'] as VendorClass, NAF));
}

interface Adapters {
  register(name: string, adapter: VendorClass): void;
}

const page = Object.assign(window as unknown as NafPage, scenePage);
page.events = [];

page.openBareScene = () => {
  const scene = addScene('networked-scene="connectOnLoad: false"');
  return new Promise((resolve) => scene.addEventListener('loaded', resolve));
};

page.openScene = (options) => {
  const { room, identity, sceneDriven, adapter = {}, joinTimeoutMs, isFork, token } = options;
  if (isFork) useFork();
  page.source = token === undefined ? source : () => token;
  if (!sceneDriven) {
    if (!document.querySelector('a-scene')) addScene('');
    page.adapter = nafJanus({ serverUrl: '/janus', iceServers: [], ...adapter });
    const session = new RoomSession({
      adapter: page.adapter,
      report: recordReport(),
      tokenSource: page.source,
      identity,
      joinTimeoutMs,
    });
    listen(session);
    return session.join(room);
  }
  // As in a page of plain HTML: the scene is told all by its attributes, and connects by itself.
  return new Promise((resolve, reject) => {
    const onReady = ({ target, detail }: CustomEventInit & Event) => {
      document.removeEventListener('room-session-ready', onReady, true);
      (target as Element).addEventListener('room-session-state', (event) => {
        const { state, error } = (event as CustomEvent).detail;
        if (state === 'connected') resolve();
        if (state === 'disconnected') reject(error);
      });
      listen(detail.session);
    };
    const onAdapter = ({ detail }: CustomEventInit) => {
      document.removeEventListener('adapter-ready', onAdapter, true);
      detail.setPeerConnectionConfig({ iceServers: [] });
    };
    document.addEventListener('room-session-ready', onReady, true);
    document.addEventListener('adapter-ready', onAdapter, true);
    addScene(
      `networked-scene="adapter: janus; room: ${room}; serverURL: ${adapter.serverUrl ?? '/janus'}"
       room-session="source: source; identity: ${identity}; listenOnly: ${adapter.listenOnly ?? false}"`,
    );
  });
};

page.tryScene = (options) => outcomeOf(page.openScene(options), () => page.session?.state ?? '');

document.documentElement.dataset['state'] = 'disconnected';
