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

/** The page connects its scene for each connect of the session. */
function followingScene(adapter: NafJanusAdapter, scene: ReturnType<typeof addScene>): NafJanusAdapter {
  const following = Object.create(adapter) as NafJanusAdapter;
  return Object.assign(following, {
    connect(context: Parameters<NafJanusAdapter['connect']>[0]) {
      connectScene(scene, adapter, context.room);
      return adapter.connect(context);
    },
  });
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
      refuse: (refused) => {
        server.refuses = ({ token }) => refused(token) && 'Rejecting join with invalid token!';
      },
      drop: () => server.drop(),
      somebodyJoins: () => server.join('bob'),
      somebodyLeaves: () => server.leave('bob'),
    };
  };

describe.each(ways)('nafJanus, %s', (_name, way) => {
  for (const { name, run } of adapterContract(makeStage(way))) test(name, run);
});
