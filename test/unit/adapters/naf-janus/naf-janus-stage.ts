import { expect, onTestFinished, vi } from 'vitest';
import {
  type JanusAdapter,
  type NafJanusAdapter,
  type NafJanusOptions,
  nafJanus,
} from '../../../../src/adapters/naf-janus/index.ts';
import { RoomSession, type RoomSessionEvents, type RoomSessionOptions } from '../../../../src/index.ts';
import { FakeClock } from '../../../../src/testing/index.ts';
import { fakeJwt } from '../../fake-jwt.ts';
import { FakeStream, localStream } from '../fake-stream.ts';
import { passOn } from '../pass-on.ts';
import type { FakeScene } from './fake-aframe.ts';
import { FakeJanus } from './fake-janus.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { forkOf, type VendorClass } from './forked-adapter.ts';
import { naf, RealAdapter } from './page-scripts.ts';

export const serverURL = 'wss://janus.example.org/janus';

/** Who connects the scene, and with which vendor. */
export interface Way {
  readonly Vendor: VendorClass;
  /** The page connects its scene, and the session follows. */
  readonly sceneDriven: boolean;
}

const Fork = forkOf(RealAdapter, naf);

/** Both ways in, with both vendors; for `describe.each`. */
export const ways: [name: string, way: Way][] = [
  ['session-driven, 4.0.1', { Vendor: RealAdapter, sceneDriven: false }],
  ['session-driven, 4.3.0', { Vendor: Fork, sceneDriven: false }],
  ['scene-driven, 4.0.1', { Vendor: RealAdapter, sceneDriven: true }],
  ['scene-driven, 4.3.0', { Vendor: Fork, sceneDriven: true }],
];

/** What naf-janus-adapter needs of a browser and happy-dom does not have; `heads` are the requests for the page's time. */
export function stubPlatform() {
  FakePeerConnection.open.clear();
  FakePeerConnection.made = 0;
  FakePeerConnection.works = true;
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  const heads: string[] = [];
  const time = { heads, works: true };
  vi.stubGlobal('fetch', async (url: string, { method }: RequestInit) => {
    heads.push(`${method} ${url}`);
    if (!time.works) throw new TypeError('Failed to fetch');
    return { headers: new Headers({ Date: 'Tue, 01 Jan 2030 00:00:00 GMT' }) };
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    document.body.replaceChildren();
    naf.connection.adapter = null;
    naf.adapters.adapters['janus'] = RealAdapter;
  });
  return time;
}

/** A scene in the page, made with these attributes. */
export function addScene(attributes: string): FakeScene {
  document.body.innerHTML = `<a-scene ${attributes}></a-scene>`;
  return document.querySelector('a-scene') as FakeScene;
}

/** Everything that a stay must not leave behind, by name. */
export function openThings(server: FakeJanus, clock: FakeClock): string[] {
  const things: [count: number, name: string][] = [
    [server.network.open().length, 'a socket'],
    [FakePeerConnection.open.size, 'a peer connection'],
    [clock.timerCount, 'a timer'],
    [clock.wakeListenerCount, 'a wake listener'],
    [vi.getTimerCount(), 'a timer of the vendor’s'],
    [naf.connection.adapter ? 1 : 0, 'networked-aframe’s connection'],
  ];
  return things.flatMap(([count, name]) => Array.from({ length: count }, () => name));
}

export interface StageOptions {
  readonly way?: Way;
  readonly adapter?: NafJanusOptions;
  readonly session?: Partial<RoomSessionOptions<JanusAdapter>>;
  /** Claims of each token; they end after 12 s. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** More of the token source's answer, given before the token is made out; may throw, and take its time. */
  readonly details?: () => object | Promise<object>;
  /** The scene's attribute `networked-scene`. */
  readonly scene?: string;
  /** The server's time in ms, where that is not ours. */
  readonly serverNow?: () => number;
  /** The scene does not load until it is told to. */
  readonly slow?: boolean;
  /** In the page's own listener of `adapter-ready`, before anybody else's. */
  readonly onReady?: (vendor: JanusAdapter) => void;
}

export interface Stage {
  readonly scene: FakeScene;
  readonly session: RoomSession<JanusAdapter>;
  readonly adapter: NafJanusAdapter;
  readonly clock: FakeClock;
  readonly server: FakeJanus;
  /** What is published. */
  readonly stream: MediaStream;
  readonly time: ReturnType<typeof stubPlatform>;
  readonly issued: string[];
  readonly changes: RoomSessionEvents['stateChanged'][];
  /** What `attemptFailed` said. */
  readonly failures: Error[];
  /** `ann joined`, `ann left`. */
  readonly people: string[];
  states(): string[];
  pass(ms: number): Promise<void>;
  open(): string[];
  /** Starts a join; the page connects its scene where that is the way. */
  startJoin(room?: string): Promise<void>;
  /** A join that takes as long as it takes without any time passing. */
  join(room?: string): Promise<void>;
  /** Our own peer connection. */
  own(): FakePeerConnection;
  /** The one for somebody's media. */
  of(id: string): FakePeerConnection;
  /** The scene's object of the vendor. */
  vendor(): JanusAdapter;
}

/** Nothing of the join is left, in time's course: the vendor's own waits for somebody's media end after 15 s. */
export async function nothingIsLeft({ pass, open, clock }: Stage): Promise<void> {
  const ours = open().filter((thing) => thing !== 'a timer of the vendor’s');
  expect(ours).toEqual([]);
  await pass(16_000);
  expect(open()).toEqual([]);
  expect(clock.timerCount).toBe(0);
}

/** The page connects its scene to a room, whose vendor object goes to the adapter. */
export function connectScene(scene: FakeScene, adapter: NafJanusAdapter, room: string): void {
  scene.setAttribute('networked-scene', { adapter: 'janus', room, connectOnLoad: false });
  const onReady = (event: Event) => adapter.adopt((event as CustomEvent).detail);
  scene.addEventListener('adapter-ready', onReady, { once: true });
  scene.emit('connect', undefined, false);
}

/** A session on a scene, a vendor, and a fake server. */
export function setUp(stageOptions: StageOptions = {}): Stage {
  const {
    way: { Vendor, sceneDriven } = { Vendor: RealAdapter, sceneDriven: false },
    adapter: options = {},
    session: more = {},
    claims,
    details,
    scene: attribute = `adapter: janus; serverURL: ${serverURL}; connectOnLoad: false`,
    slow = false,
    serverNow,
    onReady,
  } = stageOptions;
  const time = stubPlatform();
  const clock = new FakeClock();
  const server = new FakeJanus(serverNow ? { now: serverNow } : clock, 'standup');
  naf.adapters.adapters['janus'] = Vendor;
  const scene = addScene(`${slow ? 'slow' : ''} networked-scene="${attribute}"`);
  if (onReady)
    scene.addEventListener('adapter-ready', (event) => onReady((event as CustomEvent<JanusAdapter>).detail));
  const stream = localStream();
  const adapter = nafJanus({ localStream: stream, ...options });
  const issued: string[] = [];
  const issue = (): string => {
    const iat = clock.now() / 1000;
    const token = fakeJwt({
      join_hub: true,
      kick_users: true,
      iat,
      exp: iat + 12,
      n: issued.length,
      ...claims,
    });
    issued.push(token);
    return token;
  };
  const session = new RoomSession<JanusAdapter>({
    adapter,
    identity: 'ada',
    tokenSource: async () => ({ ...(await details?.()), token: issue() }),
    clock,
    ...more,
  });
  const changes: RoomSessionEvents['stateChanged'][] = [];
  session.on('stateChanged', (change) => changes.push(change));
  const failures: Error[] = [];
  session.on('attemptFailed', ({ error }) => failures.push(error));
  const people: string[] = [];
  session.on('participantJoined', ({ id }) => people.push(`${id} joined`));
  session.on('participantLeft', ({ id }) => people.push(`${id} left`));
  const pass = passOn(clock);
  onTestFinished(async () => {
    await session.leave();
  });

  const vendor = () => naf.connection.adapter as JanusAdapter;
  const connectionOf = (part: object | null | undefined) =>
    (part as { conn: FakePeerConnection } | undefined)?.conn as FakePeerConnection;

  async function startJoin(room = 'standup'): Promise<void> {
    // The scene's load.
    await Promise.resolve();
    if (sceneDriven) connectScene(scene, adapter, room);
    return session.join(room);
  }

  return {
    ...{
      scene,
      session,
      adapter,
      clock,
      server,
      stream,
      time,
      issued,
      changes,
      failures,
      people,
      pass,
      vendor,
    },
    states: () => changes.map(({ state }) => state),
    open: () => openThings(server, clock),
    startJoin,
    async join(room) {
      const joined = startJoin(room);
      joined.catch(() => {});
      await pass(0);
      return joined;
    },
    own: () => connectionOf(vendor().publisher),
    of: (id) => connectionOf(vendor().occupants[id]),
  };
}
