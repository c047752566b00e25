// @vitest-environment node
import { expect, test } from 'vitest';
import type { OutgoingMessage } from '../../src/index.ts';
import { outcome, setUp } from './session-stage.ts';

function setUpChat() {
  const stage = setUp({ messageWaitMs: 4_000 });
  const sent: OutgoingMessage[] = [];
  Object.assign(stage.adapter, {
    messageLimit: 20,
    send: (_vendor: string, message: OutgoingMessage) => void sent.push(message),
  });
  return { ...stage, sent };
}

test('a message goes to all, or to one, and one that comes is told', async () => {
  const { session, adapter, sent, named } = setUpChat();
  await session.join('standup');
  await session.send('hello');
  await session.send({ a: 1 }, { to: 'bob' });
  expect(sent).toEqual([
    { data: 'hello', to: undefined },
    { data: { a: 1 }, to: 'bob' },
  ]);
  adapter.attempt.message('bob', [1, 2]);
  expect(named('message')).toEqual([{ from: 'bob', data: [1, 2] }]);
});

test('a message during a reconnect waits for the connection', async () => {
  const { session, adapter, clock, sent } = setUpChat();
  await session.join('standup');
  adapter.onConnect = async (attempt) => {
    await new Promise<void>((goOn) => clock.setTimer(goOn, 2_000));
    attempt.connected('again');
  };
  adapter.drop();
  const sending = outcome(session.send('hello'));
  await clock.advance(1_000);
  expect(sent).toEqual([]);
  await clock.advance(2_000);
  expect(sent).toEqual([{ data: 'hello', to: undefined }]);
  expect(sending).toEqual({ done: true });
});

test('a message is an error where the reconnect takes longer, and after the end', async () => {
  const { session, adapter, clock, sent } = setUpChat();
  await session.join('standup');
  adapter.onConnect = () => {};
  adapter.drop();
  const sending = outcome(session.send('hello'));
  await clock.advance(4_500);
  expect(sending.error).toMatchObject({ code: 'invalid_state' });
  const another = outcome(session.send('hello'));
  await session.leave();
  await clock.advance(0);
  expect(another.error).toMatchObject({ code: 'invalid_state' });
  await expect(session.send('hello')).rejects.toMatchObject({ code: 'invalid_state' });
  expect(sent).toEqual([]);
  expect(clock.timerCount).toBe(0);
});

test.each([undefined, () => {}, 'more than twenty bytes', 'ääääääääää', { big: 1n }])(
  'what cannot be sent is an error: %s',
  async (data) => {
    const { session } = setUpChat();
    await session.join('standup');
    await expect(session.send(data)).rejects.toMatchObject({ code: 'invalid_argument' });
  },
);

test('what the backend cannot do is said before, and is an error that names it', async () => {
  const { session, adapter } = setUp();
  const all = ['microphone', 'camera', 'devices', 'speaker', 'messages', 'metadata', 'kick'] as const;
  expect(all.filter((capability) => session.can(capability))).toEqual(['metadata']);
  const calls = [
    ['microphone', session.setMicrophone(true)],
    ['camera', session.setCamera(true)],
    ['devices', session.setDevice('camera', 'front')],
    ['speaker', session.setDevice('speaker', 'loud')],
    ['messages', session.send('hello')],
    ['kick', session.kick('bob')],
  ] as const;
  for (const [capability, call] of calls) {
    const error = await call.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid_state', capability });
    expect(String(error)).toContain(adapter.name);
  }
});
