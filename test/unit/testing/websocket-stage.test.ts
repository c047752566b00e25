// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { adapterContract, type FakeClient, webSocketStage } from '../../../src/testing/index.ts';
import { chatterbox } from './chatterbox.ts';

interface Hello {
  readonly token: string;
}

const welcome = ({ token }: Hello, client: FakeClient): void => {
  client.send({ type: client.takesToken(token) ? 'welcome' : 'rejected' });
};
/** A backend that does not say who is there. */
const makeStage = () =>
  webSocketStage({ adapter: chatterbox('wss://chatterbox.example.org'), onMessage: welcome });
const noOthers = { participantJoins: 'it has no participants', participantLeaves: 'it has no participants' };

describe('webSocketStage', () => {
  describe('on Node, without participants', () => {
    for (const { name, run } of adapterContract(makeStage, { without: noOthers })) test(name, run);
  });

  test('puts the WebSocket of the platform back', async () => {
    const before = globalThis.WebSocket;
    const stage = makeStage();
    expect(globalThis.WebSocket).not.toBe(before);
    await stage.dispose?.();
    expect(globalThis.WebSocket).toBe(before);
  });

  test('counts contacts, tokens and open sockets, and calls properties and listeners', async () => {
    const stage = webSocketStage<Hello>({
      adapter: chatterbox('wss://chatterbox.example.org'),
      onMessage({ token }, client) {
        client.takesToken(token);
        client.send('hello');
        client.close(4001);
      },
    });
    const seen: unknown[] = [];
    const socket = new WebSocket('wss://chatterbox.example.org');
    socket.onopen = () => socket.send('{ "token": "one" }');
    socket.addEventListener('message', ({ data }) => seen.push(data));
    socket.addEventListener('close', ({ code }) => seen.push(code));
    expect(() => socket.send('too early')).toThrow('Still connecting');
    await stage.pass(0);
    expect(seen).toEqual(['hello', 4001]);
    expect(stage.contacts()).toBe(1);
    expect(stage.tokens()).toEqual(['one']);
    expect(stage.open()).toEqual([]);
    await stage.dispose?.();
  });

  test('takes connections and answers nothing while it is silent', async () => {
    const stage = makeStage();
    stage.silence?.(true);
    const socket = new WebSocket('wss://chatterbox.example.org');
    const seen: string[] = [];
    for (const type of ['open', 'message', 'close']) socket.addEventListener(type, () => seen.push(type));
    socket.onopen = () => socket.send('{ "token": "one" }');
    await stage.pass(60_000);
    expect(seen).toEqual(['open']);
    expect(stage.tokens()).toEqual([]);
    expect(stage.open()).toEqual(['a socket']);
    await stage.drop?.();
    await stage.pass(0);
    expect(seen).toEqual(['open', 'close']);
    await stage.dispose?.();
  });
});
