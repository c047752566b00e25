import type { Browser, BrowserContext, ConsoleMessage, Page } from 'playwright';
import type { LogEntry } from '../../dev/server/event-log.ts';
import { type DevServer, type DevServerOptions, startServer } from '../../dev/server/server.ts';
import { type BrowserName, browserName, launchBrowser, newContext } from '../browsers/launch.ts';
import { everythingOf, leaksIn } from './leaks.ts';
import type { HandWrittenPage } from './pages/hand-written.ts';
import type { OpenOptions, TestPage } from './pages/sdk.ts';
import type { JoinOutcome } from './pages/told.ts';

/** A development server, a browser, and pages whose every output is kept. */
export interface Stage {
  readonly server: DevServer;
  readonly browser: Browser;
  /**
   * Opens a page in a context of its own; `path` is below the server's address. Its clock, and that of its frames, is
   * `aheadMs` fast.
   */
  open(path: string, options?: { aheadMs?: number }): Promise<Page>;
  /** The same stage, whose pages open in another browser. */
  in(browser: BrowserName): Promise<Stage>;
  /** Everything that any page has written to its console or thrown. */
  readonly output: string[];
  /** Where a piece of a token shows in any page so far: its console, events, DOM or address. */
  leaks(): Promise<string[]>;
  /** Closes the pages, so that the next test has the machine for itself; what they showed is kept for `leaks`. */
  closePages(): Promise<void>;
  /** Closes everything; throws if a token has leaked, unless the pages are known to. */
  close(options?: { leaky?: boolean }): Promise<void>;
}

export async function startStage(options: DevServerOptions = {}): Promise<Stage> {
  const server = await startServer({ watch: false, ...options });
  const meetingSocket = `//127.0.0.1:${server.port}/jitsi/xmpp`;
  const browsers = new Map<BrowserName, Browser>();
  const contexts: BrowserContext[] = [];
  const output: string[] = [];
  const shown: string[] = [];
  const closePages = async () => {
    for (const context of contexts.splice(0)) {
      for (const page of context.pages()) shown.push(await everythingOf(page));
      await context.close();
    }
  };
  const leaks = async () => {
    const open = await Promise.all(contexts.flatMap((context) => context.pages()).map(everythingOf));
    return leaksIn([...output, ...shown, ...open].join('\n'), server.issuedTokens());
  };
  async function open(browser: Browser, path: string, aheadMs: number): Promise<Page> {
    const context = await newContext(browser);
    contexts.push(context);
    const page = await context.newPage();
    await page.addInitScript(countResources);
    if (aheadMs > 0) await page.addInitScript(setClockAhead, aheadMs);
    // A meeting's page, in a frame of another origin, has its token in its socket's address: that is its own affair.
    const keep = (text: string) => {
      if (!text.includes(meetingSocket)) output.push(text);
    };
    page.on('console', (message) => keep(consoleText(message)));
    page.on('pageerror', (error) => keep(`${error.name}: ${error.message}`));
    await page.goto(`${server.url}${path}`);
    return page;
  }
  async function stageIn(name: BrowserName): Promise<Stage> {
    const browser = browsers.get(name) ?? (await launchBrowser(name));
    browsers.set(name, browser);
    return {
      ...{ server, browser, output, leaks, closePages, close, in: stageIn },
      open: (path, { aheadMs = 0 } = {}) => open(browser, path, aheadMs),
    };
  }
  async function close({ leaky = false } = {}): Promise<void> {
    const found = leaky ? [] : await leaks();
    await closePages();
    await Promise.all([...browsers.values()].map((browser) => browser.close()));
    await server.close();
    if (found.length > 0) throw new Error(`A token leaked:\n${found.join('\n')}`);
  }
  return stageIn(browserName);
}

/** A page with our SDK. */
export async function sdkPage(stage: Stage): Promise<Page> {
  const page = await stage.open('/test/e2e/pages/sdk.html');
  await page.waitForFunction(() => 'open' in window && document.documentElement.dataset['state']);
  return page;
}

/** Makes a session on an SDK page and joins. */
export function tryToJoin(page: Page, room: string, options: OpenOptions = {}): Promise<JoinOutcome> {
  return page.evaluate(
    ([roomName, openOptions]) => (window as unknown as TestPage).tryToJoin(roomName, openOptions),
    [room, options] as const,
  );
}

/** A page with our SDK that is in the room. */
export async function joined(
  stage: Stage,
  room: string,
  identity: string,
  options: OpenOptions = {},
): Promise<Page> {
  const page = await sdkPage(stage);
  const outcome = await tryToJoin(page, room, { identity, ...options });
  if (outcome.state !== 'connected') throw new Error(`Not in the room: ${JSON.stringify(outcome)}`);
  return page;
}

/** A page with the hand-written integration, joined. */
export async function joinedByHand(stage: Stage, room: string, identity: string, query = ''): Promise<Page> {
  const page = await stage.open(`/test/e2e/pages/hand-written.html${query}`);
  await page.waitForFunction(() => 'joinByHand' in window);
  await page.evaluate(([roomName, me]) => (window as unknown as HandWrittenPage).joinByHand(roomName, me), [
    room,
    identity,
  ] as const);
  return page;
}

/** Both pages hear and see the other. */
export async function bothHearAndSee(...pages: readonly Page[]): Promise<boolean> {
  return (await Promise.all(pages.map((page) => hearsAndSees(page)))).every(Boolean);
}

/** Runs in the page: its wall clock is fast. */
function setClockAhead(aheadMs: number): void {
  const now = Date.now.bind(Date);
  Date.now = () => now() + aheadMs;
}

/** What the session on a page has told since its start, by name. */
export function eventsOf(page: Page, name: string): Promise<Record<string, unknown>[]> {
  return page.evaluate(
    (wanted) => (window as unknown as TestPage).events.filter((event) => event['name'] === wanted),
    name,
  );
}

/** The commands that the media server got in a room since log entry `since`. */
export function commandsSince(stage: Stage, room: string, since = 0): Command[] {
  const isCommand = (entry: LogEntry): entry is Command => entry.type === 'publish' || entry.type === 'play';
  return stage.server.log
    .since(since)
    .filter(isCommand)
    .filter((entry) => entry.room === room);
}

type Command = Extract<LogEntry, { type: 'publish' | 'play' | 'getTrackList' }>;

const consoleText = (message: ConsoleMessage): string => `${message.type()}: ${message.text()}`;

/** Waits until `look` answers something truthy; the last answer is in the error. */
export async function until<Answer>(
  what: string,
  look: () => Promise<Answer> | Answer,
  limitMs = 15_000,
): Promise<Answer> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await look();
    if (answer) return answer;
    if (Date.now() > end)
      throw new Error(`Not within ${limitMs / 1000} s: ${what} (last: ${JSON.stringify(answer)})`);
    await pause(100);
  }
}

/**
 * Stands the page still, as a browser does with a page that it freezes: no timer, no message, no promise; time and the
 * network go on. Returns what thaws it. The debugger does it: headless Chromium takes the command to freeze a page, and
 * does nothing.
 */
export async function freeze(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Debugger.enable');
  await devtools.send('Debugger.pause');
  return async () => {
    await devtools.send('Debugger.resume');
    await devtools.detach();
    // What a page that was frozen is told (Page Lifecycle).
    await page.evaluate(() => document.dispatchEvent(new Event('resume')));
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a page receives from others, summed over its peer connections. */
export interface Received {
  readonly framesDecoded: number;
  readonly audioBytes: number;
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const sum = { framesDecoded: 0, audioBytes: 0 };
    for (const connection of (globalThis as unknown as CountedWindow).counted.connections) {
      if (connection.connectionState === 'closed') continue;
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type !== 'inbound-rtp') continue;
        if (entry.kind === 'video') sum.framesDecoded += entry.framesDecoded ?? 0;
        else sum.audioBytes += entry.bytesReceived;
      }
    }
    return sum;
  });
}

/** Media flows into the page: both kinds rise within a second and a half. */
export async function hearsAndSees(page: Page): Promise<boolean> {
  const before = await received(page);
  await pause(1_500);
  const after = await received(page);
  return after.framesDecoded > before.framesDecoded && after.audioBytes > before.audioBytes;
}

/** What is open in a page, as counted from its start. */
export interface Counted {
  readonly timers: number;
  readonly listeners: number;
  readonly sockets: number;
  readonly connections: number;
  readonly audioContexts: number;
  readonly liveTracks: number;
  readonly elements: number;
}

/** Bytes of JavaScript heap that are still needed. */
export async function heapAfterCollection(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  for (let round = 0; round < 3; round++) await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize;
}

interface CountedWindow {
  counted: {
    connections: Set<RTCPeerConnection>;
    /** The browser's own, not counted. */
    setTimeout(callback: () => void, ms: number): unknown;
    now(): Counted;
  };
}

export function counted(page: Page): Promise<Counted> {
  return page.evaluate(() => (globalThis as unknown as CountedWindow).counted.now());
}

/** Runs in the page before anything else: keeps count of what a leak would be. */
function countResources(): void {
  const timers = new Set<unknown>();
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  Object.assign(globalThis, {
    setTimeout(callback: () => void, ms?: number, ...rest: []) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        callback(...rest);
      }, ms);
      timers.add(timer);
      return timer;
    },
    setInterval(callback: () => void, ms?: number) {
      const timer = setInterval(callback, ms);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer: number) {
      timers.delete(timer);
      clearTimeout(timer);
    },
    clearInterval(timer: number) {
      timers.delete(timer);
      clearInterval(timer);
    },
  });
  let listeners = 0;
  for (const target of [globalThis.window, document]) {
    // It must not keep a removed listener, and all that this reaches, from being collected.
    const kept = new WeakMap<object, Set<string>>();
    const { addEventListener, removeEventListener } = target;
    target.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
      // A-Frame adds listeners that are none; a browser ignores them.
      if (!listener) return;
      const types = kept.get(listener) ?? new Set();
      kept.set(listener, types);
      if (!types.has(type)) {
        types.add(type);
        listeners++;
        options?.signal?.addEventListener('abort', () => types.delete(type) && listeners--, { once: true });
      }
      addEventListener.call(target, type, listener, options);
    };
    target.removeEventListener = (type: string, listener: EventListener, options?: EventListenerOptions) => {
      if (kept.get(listener)?.delete(type)) listeners--;
      removeEventListener.call(target, type, listener, options);
    };
  }
  const track = <Thing extends object>(name: string, isOpen: (thing: Thing) => boolean) => {
    const page = globalThis as unknown as Record<string, new (...values: never[]) => Thing>;
    const Original = page[name];
    const all = new Set<Thing>();
    if (Original) {
      page[name] = new Proxy(Original, {
        construct(target, values, newTarget) {
          const thing = Reflect.construct(target, values, newTarget);
          all.add(thing);
          return thing;
        },
      });
    }
    return {
      all,
      count: () => {
        for (const thing of all) if (!isOpen(thing)) all.delete(thing);
        return all.size;
      },
    };
  };
  const sockets = track<WebSocket>('WebSocket', ({ readyState }) => readyState < 2);
  const connections = track<RTCPeerConnection>(
    'RTCPeerConnection',
    ({ signalingState }) => signalingState !== 'closed',
  );
  const audio = track<AudioContext>('AudioContext', ({ state }) => state !== 'closed');
  const tracks = new Set<MediaStreamTrack>();
  const devices = navigator.mediaDevices;
  const getUserMedia = devices?.getUserMedia.bind(devices);
  if (getUserMedia) {
    devices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      for (const mediaTrack of stream.getTracks()) tracks.add(mediaTrack);
      return stream;
    };
  }
  (globalThis as unknown as CountedWindow).counted = {
    connections: connections.all,
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    now: () => ({
      timers: timers.size,
      listeners,
      sockets: sockets.count(),
      connections: connections.count(),
      audioContexts: audio.count(),
      liveTracks: [...tracks].filter(({ readyState }) => readyState === 'live').length,
      elements: document.querySelectorAll('*').length,
    }),
  };
}

/** The loudest sample of the others' sound within 1.3 s; the fake microphone beeps once a second. */
export function peakAt(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    for (const element of document.querySelectorAll('audio, video')) {
      const stream = (element as HTMLMediaElement).srcObject as MediaStream | null;
      if (stream?.getAudioTracks().length) context.createMediaStreamSource(stream).connect(analyser);
    }
    const samples = new Float32Array(analyser.fftSize);
    const end = performance.now() + 1_300;
    let peak = 0;
    while (performance.now() < end) {
      analyser.getFloatTimeDomainData(samples);
      for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await context.close();
    return peak;
  });
}
