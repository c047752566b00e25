import type { AdapterReport, AdapterTokenRequest } from '../adapter.ts';
import { RoomSessionError, type TokenError } from '../errors.ts';
import { readClaims, Token } from '../token/jwt.ts';
import type { ContractStage } from './contract-stage.ts';
import { settle } from './fake-clock.ts';

/** How long something may take that must happen, in ms of the stage's time, and in steps of how many. */
const patienceMs = 60_000;
const stepMs = 100;

/** Throws an error with `problem` unless `fact` is true. */
export function demand(fact: boolean, problem: string): void {
  if (!fact) throw new Error(`${problem}.`);
}

/** What a rejection is called in a message. */
export function rejectionOf(error: unknown): string {
  return error instanceof RoomSessionError ? error.code : String(error);
}

/** Plays the session for one adapter on its stage, and remembers what was asked and said. */
export class Visit {
  readonly stage: ContractStage;
  /** Each `getToken` so far. */
  readonly requests: AdapterTokenRequest[] = [];
  /** The tokens given so far. */
  readonly made: Token[] = [];
  /** What was reported since the newest `connect`. */
  reports: AdapterReport[] = [];
  #controller = new AbortController();
  #connecting: Promise<unknown> = Promise.resolve();
  #held: Promise<void> = Promise.resolve();
  #denial: TokenError | undefined;
  #making: Promise<Token> | undefined;
  readonly #refused = new Set<Token>();

  constructor(stage: ContractStage) {
    this.stage = stage;
  }

  /** Lets nobody have a token until the function returned is called. */
  holdToken(): () => void {
    let release = () => {};
    this.#held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  denyToken(denial: TokenError | undefined): void {
    this.#denial = denial;
  }

  connect(): void {
    const controller = new AbortController();
    this.#controller = controller;
    this.reports = [];
    this.#making = undefined;
    const { reports } = this;
    const { adapter, room, identity, clock } = this.stage;
    const connected = adapter.connect({
      room,
      identity,
      clock,
      signal: controller.signal,
      getToken: (request = {}) => this.#getToken(request, controller.signal),
      report: (report) => reports.push(report),
    });
    this.#connecting = connected.then(
      () => undefined,
      (error: unknown) => error ?? new Error('connect rejected with nothing'),
    );
  }

  async join(): Promise<void> {
    this.connect();
    await this.joined();
  }

  /** Waits until `connect` resolves. */
  async joined(): Promise<void> {
    const error = await this.#ended('connect resolves');
    if (error !== undefined) throw new Error(`connect rejected: ${error}`, { cause: error });
  }

  /** Waits until `connect` rejects, and answers with what. */
  async failed(): Promise<unknown> {
    const error = await this.#ended('connect rejects');
    demand(error !== undefined, 'connect resolved where it must reject');
    return error;
  }

  /** Waits until `connect` ends, without any time passing, and answers what it rejected with. */
  async settled(): Promise<unknown> {
    let over = false;
    this.#connecting.then(() => {
      over = true;
    });
    for (let turn = 0; turn < 20 && !over; turn++) await this.stage.pass(0);
    demand(over, 'connect goes on after its signal aborted');
    return this.#connecting;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** As a session does it: the signal first. */
  async disconnect(): Promise<void> {
    this.abort(new DOMException('The room was left.', 'AbortError'));
    await this.stage.adapter.disconnect();
    await this.stage.pass(0);
  }

  /** Lets time pass until something is so. */
  async until(condition: () => boolean, what: string): Promise<void> {
    for (let passed = 0; passed < patienceMs; passed += stepMs) {
      await this.stage.pass(0);
      if (condition()) return;
      await this.stage.pass(stepMs);
    }
    throw new Error(`Waited ${patienceMs / 1000} s in vain until ${what}.`);
  }

  said(type: AdapterReport['type']): boolean {
    return this.reports.some((report) => report.type === type);
  }

  /** The ids of everybody reported so far. */
  people(): Set<string> {
    return new Set(
      this.reports.flatMap((report) => {
        if ('participant' in report) return [report.participant.id];
        return 'participantId' in report ? [report.participantId] : [];
      }),
    );
  }

  nothingOpen(): void {
    const open = this.stage.open();
    demand(open.length === 0, `Left open after disconnect: ${open.join(', ')}`);
  }

  /** Each participant has an id, each track a kind and a stream that is one person's only. */
  wellFormed(): void {
    const owners = new Map<MediaStream, string>();
    for (const report of this.reports) {
      if ('participant' in report) {
        const { id } = report.participant;
        demand(typeof id === 'string' && id !== '', `${report.type} without a participant.id`);
      } else if ('track' in report) {
        const { participantId: id, track, stream } = report;
        demand(typeof id === 'string' && id !== '', `${report.type} without a participantId`);
        demand(['audio', 'video'].includes(track?.kind), `${report.type} without a track`);
        demand(Boolean(stream), `${report.type} without a stream`);
        const owner = owners.get(stream) ?? id;
        demand(owner === id, `tracks of ${owner} and ${id} are in one stream`);
        owners.set(stream, id);
      }
    }
  }

  #ended(what: string): Promise<unknown> {
    let over = false;
    this.#connecting.then(() => {
      over = true;
    });
    return this.until(() => over, what).then(() => this.#connecting);
  }

  /** As a session does it: one valid token for all, another one for a refusal, one of its own for `fresh`. */
  async #getToken(request: AdapterTokenRequest, left: AbortSignal): Promise<Token> {
    this.requests.push(request);
    const signal = request.signal ? AbortSignal.any([left, request.signal]) : left;
    signal.throwIfAborted();
    await Promise.race([
      this.#held,
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    ]);
    if (this.#denial) throw this.#denial;
    if (request.fresh) return this.#make();
    if (request.rejected && !this.#refused.has(request.rejected)) {
      this.#refused.add(request.rejected);
      this.#making = undefined;
    }
    this.#making ??= this.#make();
    const token = await this.#making;
    signal.throwIfAborted();
    return token;
  }

  async #make(): Promise<Token> {
    const count = this.made.length + 1;
    const opaque = `contract-token-${count}-of-this-room`;
    const value = (await this.stage.makeToken?.(count)) ?? opaque;
    const token = new Token(value, readClaims(value), Number.POSITIVE_INFINITY);
    this.made.push(token);
    // A session's token comes from a request, never in the same microtask.
    await settle(3);
    return token;
  }
}
