import { describe, test } from 'vitest';
import { adapterContract, webSocketStage } from '../../../src/testing/index.ts';
import { chatterbox } from './chatterbox.ts';

/** A Chatterbox server, in memory. */
const makeStage = () =>
  webSocketStage({
    adapter: chatterbox('wss://chatterbox.example.org'),
    onMessage({ token }: { token: string }, client) {
      if (!client.takesToken(token)) return client.send({ type: 'rejected' });
      client.send({ type: 'welcome' });
      client.enterRoom();
    },
    participantJoined: (id) => ({ type: 'joined', id }),
    participantLeft: (id) => ({ type: 'left', id }),
  });

describe('the adapter of docs/custom-adapter.md', () => {
  for (const { name, run } of adapterContract(makeStage)) test(name, run);
});
