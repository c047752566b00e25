import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchJanusToken, JanusClient } from '../../server/support/janus-client.ts';
import { eventsOf, type Stage, startStage, until } from '../harness.ts';
import { joinsSince, sceneIn, ways } from './scenes.ts';

const visitors = 50;

describe.each(ways)(
  '50 visitors who come and go beside a scene that stays, $way,',
  ({ way: room, sceneDriven }) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await startStage();
    });
    afterAll(() => stage.close());

    /** Comes as the vendor's client does: the connection first, then the join. Goes when the scene has asked for its media. */
    async function visit(user: string): Promise<void> {
      const client = await JanusClient.create(stage.server);
      const handle = await client.attach();
      await handle.connect();
      const before = stage.server.log.last;
      await handle.join(room, user, await fetchJanusToken(stage.server, room, user));
      const asked = () => joinsSince(stage, room, before).some(({ media }) => media === user);
      await until('the scene asks for the media', asked);
      await client.close();
    }

    test('leave no handle on the server, and no connection in the page', async () => {
      const page = await sceneIn(stage, { room, identity: 'ann', sceneDriven });
      const before = stage.server.janus.open;
      for (let visitor = 0; visitor < visitors; visitor++) await visit(`visitor-${visitor}`);
      const left = async () => (await eventsOf(page, 'participantLeft')).length;
      await until('all have left', async () => (await left()) === visitors);
      await until('the server is as before', () => stage.server.janus.open.handles === before.handles);
      expect(stage.server.janus.open).toEqual(before);
      expect(await eventsOf(page, 'stateChanged')).toHaveLength(2);
    });
  },
);
