import { type ContractStage, FakeAdapter, FakeClock } from '../../../src/testing/index.ts';

const ada = { id: 'ada' };

/** A stage over a `FakeAdapter`, and what its tests change of it. */
export interface FakeAdapterStage extends ContractStage {
  readonly adapter: FakeAdapter;
  readonly clock: FakeClock;
  /** What the adapter left open. */
  readonly leaks: string[];
  /** How often the backend was reached besides. */
  extraContacts: number;
  isSilent(): boolean;
}

export function fakeAdapterStage(): FakeAdapterStage {
  const adapter = new FakeAdapter();
  const clock = new FakeClock();
  let isSilent = false;
  let isAdaHere = false;
  adapter.onConnect = (attempt) => {
    if (isSilent) return;
    attempt.connected('connected');
    if (isAdaHere) attempt.participantJoined(ada);
  };
  return {
    ...{ adapter, clock, room: 'standup', leaks: [], extraContacts: 0 },
    isSilent: () => isSilent,
    pass: (ms) => clock.advance(ms),
    contacts() {
      return adapter.tokens.length + this.extraContacts;
    },
    tokens: () => adapter.tokens.map((token) => token?.value ?? ''),
    open() {
      return [...this.leaks, ...Array.from({ length: clock.timerCount }, () => 'a timer')];
    },
    reject: (isRejected) => {
      adapter.rejects = (token) => isRejected(token?.value ?? '');
    },
    drop: () => adapter.drop(),
    silence: (silent) => {
      isSilent = silent;
    },
    participantJoins: () => {
      isAdaHere = true;
      adapter.attempts.at(-1)?.participantJoined(ada);
    },
    participantLeaves: () => {
      isAdaHere = false;
      if (!isSilent) adapter.attempts.at(-1)?.participantLeft(ada.id);
    },
  };
}
