import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RoomSession } from '../../../src/index.ts';
import { adapterContract, type ContractStage, FakeClock } from '../../../src/testing/index.ts';
import { type FakeWebSocket, fakeNetwork } from '../fake-web-socket.ts';
import { chatterbox } from './chatterbox.ts';

/** A Chatterbox server, in memory. */
function makeStage(): ContractStage {
  const clock = new FakeClock();
  const tokens: string[] = [];
  const inside = new Set<FakeWebSocket>();
  let refuses = (_token: string): boolean => false;
  const network = fakeNetwork((socket) => {
    const onHello = (text: string) => {
      const { token } = JSON.parse(text) as { token: string };
      tokens.push(token);
      if (refuses(token)) return socket.deliver({ type: 'refused' });
      inside.add(socket);
      socket.deliver({ type: 'welcome' });
    };
    socket.accept(onHello, () => inside.delete(socket));
  });
  const tell = (message: object) => {
    for (const socket of inside) socket.deliver(message);
  };
  return {
    adapter: chatterbox('wss://chatterbox.example.org'),
    clock,
    room: 'standup',
    pass: (ms) => clock.advance(ms),
    contacts: () => network.sockets.length,
    tokens: () => tokens,
    open: () => [
      ...network.open().map(() => 'a socket'),
      ...Array.from({ length: clock.timerCount }, () => 'a timer'),
    ],
    refuse: (refused) => {
      refuses = refused;
    },
    drop: () => {
      for (const socket of inside) socket.break();
    },
    somebodyJoins: () => tell({ type: 'came', id: 'ada' }),
    somebodyLeaves: () => tell({ type: 'left', id: 'ada' }),
  };
}

describe('the adapter of docs/custom-adapter.md', () => {
  for (const { name, run } of adapterContract(makeStage)) test(name, run);

  test('is the one in this folder, to the letter', () => {
    const source = readFileSync('test/unit/testing/chatterbox.ts', 'utf8');
    const page = readFileSync('docs/custom-adapter.md', 'utf8');
    expect(page).toContain(`\`\`\`ts\n${source.replace('../../../src/index.ts', 'room-session')}\`\`\``);
  });

  test('takes a session into a room', async () => {
    const stage = makeStage();
    const { clock, room } = stage;
    const session = new RoomSession({ adapter: stage.adapter, tokenSource: () => 'a-token', clock });
    await session.join(room);
    stage.somebodyJoins?.();
    await stage.pass(0);
    expect(session.participants).toEqual([{ id: 'ada' }]);
    await session.leave();
    expect(stage.open()).toEqual([]);
  });
});
