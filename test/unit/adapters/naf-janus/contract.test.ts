import { describe, test } from 'vitest';
import { type NafJanusAdapter, nafJanus } from '../../../../src/adapters/naf-janus/index.ts';
import { adapterContract, type ContractStage, FakeClock } from '../../../../src/testing/index.ts';
import { fakeJwt } from '../../fake-jwt.ts';
import { localStream } from '../fake-stream.ts';
import { passOn } from '../pass-on.ts';
import { FakeJanus } from './fake-janus.ts';
import {
  addScene,
  connectScene,
  openThings,
  serverURL,
  stubPlatform,
  type Way,
  ways,
} from './naf-janus-stage.ts';
import { naf } from './page-scripts.ts';

/** The page connects its scene for each join of the session. */
function followingScene(adapter: NafJanusAdapter, scene: ReturnType<typeof addScene>): NafJanusAdapter {
  return {
    ...adapter,
    prepare(join) {
      connectScene(scene, adapter, join.room);
      return adapter.prepare?.(join);
    },
  };
}

const makeStage =
  ({ Vendor, sceneDriven }: Way) =>
  async (): Promise<ContractStage> => {
    stubPlatform();
    const clock = new FakeClock();
    const server = new FakeJanus(clock, 'standup');
    naf.adapters.adapters['janus'] = Vendor;
    const scene = addScene(`networked-scene="adapter: janus; serverURL: ${serverURL}; connectOnLoad: false"`);
    scene.load();
    const adapter = nafJanus({ localStream: localStream() });
    return {
      adapter: sceneDriven ? followingScene(adapter, scene) : adapter,
      clock,
      room: 'standup',
      identity: 'ada',
      pass: passOn(clock),
      makeToken: (count) => fakeJwt({ join_hub: true, exp: clock.now() / 1000 + 3_600, count }),
      contacts: () => server.sockets.length,
      tokens: () => server.joins.map(({ token }) => token),
      open: () => openThings(server, clock),
      reject: (isRejected) => {
        server.refuses = ({ token }) => isRejected(token) && 'Rejecting join with invalid token!';
      },
      drop: () => server.drop(),
      silence: (isSilent) => {
        server.silent = isSilent;
      },
      participantJoins: () => server.join('bob'),
      participantLeaves: () => server.leave('bob'),
    };
  };

describe.each(ways)('nafJanus, %s', (_name, way) => {
  for (const { name, run } of adapterContract(makeStage(way))) test(name, run);
});
