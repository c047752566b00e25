// @vitest-environment node
import { describe, test } from 'vitest';
import { adapterContract, type ContractStage, FakeAdapter, FakeClock } from '../../../src/testing/index.ts';

function makeStage(): ContractStage {
  const adapter = new FakeAdapter();
  const clock = new FakeClock();
  const tokens = () => adapter.tokens.map((token) => token?.value ?? '');
  return {
    adapter,
    clock,
    room: 'standup',
    pass: (ms) => clock.advance(ms),
    contacts: () => adapter.tokens.length,
    tokens,
    open: () => [
      ...(adapter.vendor ? ['the connection'] : []),
      ...Array.from({ length: clock.timerCount }, () => 'a timer'),
    ],
    refuse: (refused) => {
      adapter.refuses = (token) => refused(token?.value ?? '');
    },
    drop: () => adapter.drop(),
    somebodyJoins: () => {
      if (!adapter.vendor) return;
      adapter.report({ type: 'participantJoined', participant: { id: 'ada' } });
      const track = { kind: 'video' } as MediaStreamTrack;
      adapter.report({ type: 'trackAdded', participantId: 'ada', track, stream: {} as MediaStream });
    },
    somebodyLeaves: () => adapter.report({ type: 'participantLeft', participant: { id: 'ada' } }),
  };
}

describe('FakeAdapter', () => {
  for (const { name, run } of adapterContract(makeStage)) test(name, run);
});
