import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RoomSession, type StateChange } from '../../../src/index.ts';
import { adapterContract, FakeClock, webSocketStage } from '../../../src/testing/index.ts';
import { codeLines } from '../code-lines.ts';
import { chatterbox } from './chatterbox.ts';

const source = readFileSync('test/unit/testing/chatterbox.ts', 'utf8').replace(
  '../../../src/index.ts',
  'room-session',
);
const page = readFileSync('docs/custom-adapter.md', 'utf8');

/** A Chatterbox server, in memory. The page has these lines too. */
const makeStage = (clock = new FakeClock()) =>
  webSocketStage({
    clock,
    adapter: chatterbox('wss://chatterbox.example.org'),
    onMessage({ token }: { token: string }, client) {
      if (!client.takesToken(token)) return client.send({ type: 'rejected' });
      client.send({ type: 'welcome' });
      client.enterRoom();
    },
    participantJoined: (id) => ({ type: 'joined', id }),
    participantLeft: (id) => ({ type: 'left', id }),
  });

/** A session in a room whose server then goes silent, and what the session said since. */
async function loseSilentServer() {
  const clock = new FakeClock();
  const stage = makeStage(clock);
  const session = new RoomSession({ adapter: stage.adapter, tokenSource: () => 'a-token', clock });
  await session.join('standup');
  const changes: StateChange[] = [];
  const failures: string[] = [];
  session.on('stateChanged', (change) => changes.push(change));
  session.on('attemptFailed', ({ error }) => failures.push(error.message));
  stage.silence?.(true);
  await stage.drop?.();
  return { clock, stage, session, changes, failures };
}

describe('the adapter of docs/custom-adapter.md', () => {
  for (const { name, run } of adapterContract(() => makeStage())) test(name, run);

  test('is the one in this folder, to the letter, in at most 25 lines of code', () => {
    expect(page).toContain(`\`\`\`ts\n${source}\`\`\``);
    expect(codeLines(source)).toBeLessThanOrEqual(25);
  });

  test('has a stage of less than 20 lines on the page', () => {
    const [stage = ''] = /const makeStage = .*?\n {2}}\);\n/s.exec(page) ?? [];
    expect(stage).toContain('webSocketStage(');
    expect(codeLines(stage)).toBeLessThan(20);
  });

  test('takes a session into a room', async () => {
    const clock = new FakeClock();
    const stage = makeStage(clock);
    const session = new RoomSession({ adapter: stage.adapter, tokenSource: () => 'a-token', clock });
    await session.join('standup');
    await stage.participantJoins?.();
    await stage.pass(0);
    expect(session.participants).toEqual([{ id: 'ada' }]);
    await session.leave();
    expect(stage.open()).toEqual([]);
    await stage.dispose?.();
  });

  test('tells of each attempt that a silent server does not answer, and is lost at the limit', async () => {
    const { clock, stage, changes, failures } = await loseSilentServer();
    await clock.advance(299_000);
    const attempts = stage.contacts() - 1;
    expect(attempts).toBeGreaterThan(10);
    // The connection that was lost, and each attempt but the one that is under way.
    expect(failures).toEqual([
      'Chatterbox closed the connection.',
      ...Array(attempts - 1).fill('The backend (chatterbox) did not let us in within 15 s.'),
    ]);
    expect(changes.map(({ state }) => state)).toEqual(['reconnecting']);
    await clock.advance(1_000);
    expect(changes.at(-1)).toMatchObject({
      state: 'disconnected',
      reason: 'lost',
      error: { code: 'connect_failed' },
    });
    expect(stage.open()).toEqual([]);
    await stage.dispose?.();
  });

  test.each([0, 100, 1_000, 14_999, 15_100, 100_000])(
    'leaves no timer when it is left %d ms after a silent server dropped it',
    async (ms) => {
      const { clock, stage, session } = await loseSilentServer();
      await clock.advance(ms);
      await session.leave();
      expect(clock.timerCount).toBe(0);
      expect(stage.open()).toEqual([]);
      await stage.dispose?.();
    },
  );
});
