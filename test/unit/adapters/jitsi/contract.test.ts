import { describe, test } from 'vitest';
import { jitsi } from '../../../../src/adapters/jitsi/index.ts';
import { adapterContract, type ContractStage, FakeClock } from '../../../../src/testing/index.ts';
import { FakeMeet } from './fake-meet.ts';
import { openThings } from './jitsi-stage.ts';

function makeStage(): ContractStage {
  const clock = new FakeClock();
  const server = new FakeMeet(clock);
  return {
    adapter: jitsi({ domain: 'meet.example.org', vendor: server.Api }),
    clock,
    room: 'standup',
    pass: (ms) => clock.advance(ms),
    contacts: () => server.frames.length,
    tokens: () => server.frames.flatMap(({ options: { jwt } }) => jwt ?? []),
    open: () => openThings(server, clock),
    reject: (isRejected) => {
      server.login = (jwt) => (isRejected(`${jwt}`) ? 'refused' : 'in');
    },
    drop: () => {
      for (const frame of server.open) frame.fail('connection.droppedError', { isFatal: true });
    },
    silence: (isSilent) => {
      server.loads = server.answers = server.leaves = !isSilent;
    },
    participantJoins: () => server.join('bob'),
    participantLeaves: () => server.leave('bob'),
  };
}

describe('jitsi', () => {
  for (const { name, run } of adapterContract(makeStage)) test(name, run);
});
