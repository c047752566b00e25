import type { SilenceReason } from '../events.ts';
import { entryOf, eventNames, type LogEntry, makeNumbers } from '../log/entry.ts';
import type { RecordedSession, Recorder } from '../recorder.ts';
import { mediaOf } from './media.ts';
import type { MediaLine } from './media-line.ts';
import { ownSilence, silenceOf } from './silence.ts';
import type { OwnTrackLine, Report } from './types.ts';
import { version } from './version.ts';

export type { LogEntry, LogLevel, LogScope } from '../log/entry.ts';
export type { RecordedSession, Recorder } from '../recorder.ts';
export type { SessionId } from '../session-id.ts';
export type { OwnTrackLine, Report, ReportedMedia, ReportedSilence } from './types.ts';

/** How {@link recordReport} watches. */
export interface ReportOptions {
  /** How often the media are looked at, in ms. Default: 2 000. */
  readonly everyMs?: number | undefined;
  /** How long a silence lasts before it is told, in ms. Default: 5 000. */
  readonly silentAfterMs?: number | undefined;
}

const mostBytes = 20_000;
const mostLines = 60;
const mostEntries = 100;

/** What is known of the media at one moment. Kept over the end of a join. */
interface Look {
  readonly lines: readonly MediaLine[];
  readonly ownTracks: readonly OwnTrackLine[];
  readonly token: Report['token'];
}

/**
 * Watches a session for `session.getReport()` and the event `mediaSilent`. It is not part of `room-session`, so that apps
 * without it stay small. One for each session.
 *
 * @example
 * const session = new RoomSession({ adapter, tokenSource, report: recordReport() });
 * session.on('mediaSilent', ({ participantId, reason }) => show(participantId, reason));
 * help.onclick = async () => send(JSON.stringify(await session.getReport()));
 */
export function recordReport(options: ReportOptions = {}): Recorder {
  return (session) => {
    const recording = new Recording(session, options);
    return () => recording.report();
  };
}

class Recording {
  readonly #session: RecordedSession;
  readonly #everyMs: number;
  readonly #silentAfterMs: number;
  readonly #numberOf = makeNumbers();
  readonly #history: LogEntry[] = [];
  /** Who is silent, and why, by id; `undefined` is oneself. */
  readonly #silent = new Map<string | undefined, { reason: SilenceReason; since: number; isTold: boolean }>();
  #look: Look = { lines: [], ownTracks: [], token: undefined };
  #stop: (() => void) | undefined;

  constructor(session: RecordedSession, { everyMs = 2_000, silentAfterMs = 5_000 }: ReportOptions) {
    this.#session = session;
    this.#everyMs = everyMs;
    this.#silentAfterMs = silentAfterMs;
    for (const event of eventNames) session.on(event, (payload) => this.#take(event, payload));
    session.on('tokenRefreshed', () => this.#rememberNow());
    session.on('stateChanged', ({ state }) => {
      if (state === 'connecting') this.#silent.clear();
      if (state === 'connected') this.#watch();
      if (state === 'disconnected') this.#end();
    });
  }

  async report(): Promise<Report> {
    const { id, clock, adapter, options, view } = this.#session;
    if (view.state !== 'disconnected') await this.#lookNow();
    const { lines, ownTracks, token } = this.#look;
    const report = {
      ...{
        session: id,
        at: clock.now(),
        version,
        browser: (globalThis.navigator?.userAgent ?? '').slice(0, 300),
      },
      ...{ adapter: adapter.name.slice(0, 40), options, state: view.state, token, ownTracks },
      media: lines.slice(0, mostLines).map(({ participantId, trackId, ...line }) => ({
        ...line,
        participant: line.direction === 'sends' ? 0 : this.#numberOf(participantId ?? '?'),
      })),
      silent: [...this.#silent]
        .slice(0, mostLines)
        .map(([who, { reason, since }]) => ({ participant: this.#numberOf(who), reason, since })),
      history: [...this.#history],
    };
    while (JSON.stringify(report).length > mostBytes) report.history.shift();
    return report;
  }

  #take(event: LogEntry['event'], payload: object): void {
    const { id, clock } = this.#session;
    const entry = entryOf(event, payload, id, clock.now(), this.#numberOf);
    if (entry.level === 'debug') return;
    this.#history.push(entry);
    if (this.#history.length > mostEntries) this.#history.shift();
  }

  /** Looks at the media again and again while in the room. */
  #watch(): void {
    this.#stop?.();
    let isOver = false;
    let cancel = () => {};
    const next = () => {
      cancel = this.#session.clock.setTimer(async () => {
        await this.#lookNow();
        if (!isOver) next();
      }, this.#everyMs);
    };
    this.#stop = () => {
      isOver = true;
      cancel();
    };
    next();
  }

  #end(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #rememberNow(): void {
    const { media, token } = this.#session;
    const own = media.stream?.getTracks().map((track) => ({
      ...{
        kind: track.kind,
        enabled: track.enabled,
        muted: track.muted,
        ended: track.readyState === 'ended',
      },
      wished: media.wishes[track.kind === 'audio' ? 'microphone' : 'camera'],
    }));
    const { ownTracks, token: before } = this.#look;
    const newest = token && { fingerprint: `${token}`, expiresAt: token.expiresAt };
    this.#look = { ...this.#look, ownTracks: own ?? ownTracks, token: newest ?? before };
  }

  async #lookNow(): Promise<void> {
    const session = this.#session;
    this.#rememberNow();
    const before = this.#look.lines;
    const lines = await mediaOf(session).catch(() => []);
    if (session.view.state !== 'connected') return;
    this.#look = { ...this.#look, lines };
    this.#judge(undefined, ownSilence(session, lines, before));
    const { participants } = session.view;
    const here = new Set([undefined, ...participants.map(({ id }) => id)]);
    for (const who of [...this.#silent.keys()]) if (!here.has(who)) this.#silent.delete(who);
    for (const participant of participants) {
      const { id } = participant;
      this.#judge(id, silenceOf(participant, session, lines, before));
    }
  }

  #judge(who: string | undefined, reason: SilenceReason | undefined): void {
    const known = this.#silent.get(who);
    const now = this.#session.clock.now();
    if (!reason) this.#silent.delete(who);
    else if (known?.reason !== reason) this.#silent.set(who, { reason, since: now, isTold: false });
    else if (!known.isTold && now - known.since >= this.#silentAfterMs) {
      known.isTold = true;
      this.#session.tellSilent({ participantId: who, reason });
    }
  }
}
