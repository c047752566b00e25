import { describe, test } from 'vitest';
import { antMedia } from '../../../../src/adapters/ant-media/index.ts';
import { adapterContract, type ContractStage, FakeClock } from '../../../../src/testing/index.ts';
import { localStream } from '../fake-stream.ts';
import { passOn } from '../pass-on.ts';
import { FakeAms } from './fake-ams.ts';
import { openThings, stubPlatform } from './platform.ts';
import { WebRTCAdaptor } from './silent-vendor.ts';

const makeStage = (mode: { listenOnly?: boolean; oneTimeTokens?: boolean }) => (): ContractStage => {
  stubPlatform();
  const clock = new FakeClock();
  const server = new FakeAms('standup');
  return {
    adapter: antMedia({
      websocketUrl: 'wss://media.example.org/LiveApp/websocket',
      vendor: WebRTCAdaptor,
      localStream: localStream(),
      ...mode,
    }),
    clock,
    room: 'standup',
    identity: 'ada',
    pass: passOn(clock),
    contacts: () => server.sockets.length,
    tokens: () => server.commands('publish', 'play').map(({ token = '' }) => token),
    open: () => openThings(server, clock),
    reject: (isRejected) => {
      server.refuses = isRejected;
    },
    drop: () => server.drop(),
    silence: (isSilent) => {
      server.silent = isSilent;
    },
    participantJoins: () => server.join('bob'),
    participantLeaves: () => server.leave('bob'),
  };
};

describe.each([
  ['publishing and playing', {}],
  ['listening only', { listenOnly: true }],
  ['with one-time tokens', { oneTimeTokens: true }],
])('antMedia, %s', (_what, mode) => {
  for (const { name, run } of adapterContract(makeStage(mode))) test(name, run);
});
