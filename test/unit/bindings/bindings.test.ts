/** What the bindings for React (19, StrictMode) and Vue do, with a fake adapter. */
import { type RoomSession, RoomSession as Session, TokenError } from 'room-session';
import { FakeAdapter } from 'room-session/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Mount, MountOptions } from '../../bindings/mounted.ts';
import { mount as mountReact } from '../../bindings/react.ts';
import { mount as mountVue } from '../../bindings/vue.ts';
import { videoTrack } from '../session-stage.ts';

/** Everything that a framework does a moment later has been done: it may take some turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 3));
}

describe.each([
  ['React', mountReact],
  ['Vue', mountVue],
] as [string, Mount][])('the binding for %s', (_, mount) => {
  const unmounts: (() => void)[] = [];
  afterEach(async () => {
    for (const unmount of unmounts.splice(0)) unmount();
    await settle();
    document.body.replaceChildren();
  });

  /** A mounted component, and its adapter; `told` is what the session that joined has told. */
  function setUp(options: Partial<MountOptions> = {}) {
    const adapter = new FakeAdapter();
    const tokenSource = vi.fn(async () => 'a.b.c');
    const made: RoomSession[] = [];
    const told: string[] = [];
    const create = () => {
      const session = new Session({ adapter, tokenSource });
      session.on('stateChanged', ({ state, reason }) => told.push(reason ? `${state} ${reason}` : state));
      made.push(session);
      return session;
    };
    const mounted = mount({ create, room: 'standup', ...options });
    unmounts.push(mounted.unmount);
    const shown = (selector = 'p') => mounted.element.querySelector(selector)?.textContent;
    const videos = () => [...mounted.element.querySelectorAll('video')];
    return { ...mounted, adapter, tokenSource, told, made, shown, videos };
  }

  test('joins once, also where the framework mounts twice, and shows the state', async () => {
    const { told, shown, tokenSource, adapter } = setUp();
    await settle();
    expect(told).toEqual(['connecting', 'connected']);
    expect(shown()).toBe('connected');
    expect(tokenSource).toHaveBeenCalledTimes(1);
    expect(adapter.attempts).toHaveLength(1);
    expect(adapter.attempts[0]?.room).toBe('standup');
  });

  test('joins once below a part of the page that is loaded first', async () => {
    const { told, tokenSource } = setUp({ suspended: true });
    await vi.waitFor(() => expect(told).toEqual(['connecting', 'connected']));
    expect(tokenSource).toHaveBeenCalledTimes(1);
  });

  test('leaves with the component', async () => {
    const { told, unmount, adapter } = setUp();
    await settle();
    unmount();
    await settle();
    expect(told.slice(2)).toEqual(['disconnected left']);
    expect(adapter.ends).toBe(1);
  });

  test('joins nothing where it is unmounted in the same task', async () => {
    const { told, unmount, tokenSource } = setUp();
    unmount();
    await settle();
    expect(told).toEqual([]);
    expect(tokenSource).not.toHaveBeenCalled();
  });

  test('ends a join that is under way when it is unmounted', async () => {
    const { told, unmount, adapter } = setUp({});
    adapter.onConnect = () => {};
    await settle();
    unmount();
    await settle();
    expect(told).toEqual(['connecting', 'disconnected left']);
    expect(adapter.ends).toBe(1);
  });

  test('leaves a room for another one, and asks for one token each', async () => {
    const { told, setRoom, adapter, tokenSource } = setUp();
    await settle();
    setRoom('retro');
    await settle();
    expect(told.slice(2)).toEqual(['disconnected left', 'connecting', 'connected']);
    expect(adapter.attempts.map(({ room }) => room)).toEqual(['standup', 'retro']);
    expect(adapter.ends).toBe(1);
    expect(tokenSource).toHaveBeenCalledTimes(2);
  });

  test.each([undefined, ''])(
    'is in no room where the room is %j, and joins when there is one',
    async (none) => {
      const { told, setRoom } = setUp({ room: none });
      await settle();
      expect(told).toEqual([]);
      setRoom('standup');
      await settle();
      expect(told).toEqual(['connecting', 'connected']);
      setRoom(none);
      await settle();
      expect(told.slice(2)).toEqual(['disconnected left']);
    },
  );

  test('joins the same room again after a failure, with another key', async () => {
    const adapter = new FakeAdapter();
    let isDenied = true;
    const tokenSource = async () => {
      if (isDenied) throw new TokenError('token_denied', 'Not on the list.');
      return 'a.b.c';
    };
    const { shown, joinAgain } = setUp({ create: () => new Session({ adapter, tokenSource }) });
    await settle();
    expect(shown()).toBe('disconnected denied token_denied');
    isDenied = false;
    joinAgain();
    await settle();
    expect(shown()).toBe('connected');
  });

  test('joins with the identity', async () => {
    const { adapter } = setUp({ identity: 'ada' });
    await settle();
    expect(adapter.attempt.identity).toBe('ada');
  });

  test('shows who is there, with a video each that has their stream', async () => {
    const { adapter, shown, videos } = setUp();
    await settle();
    adapter.attempt.tracks('bob', [videoTrack()]);
    adapter.attempt.participantJoined({ id: 'cho' });
    await settle();
    expect(shown()).toBe('connected bob cho');
    const [self, bob, cho] = videos();
    expect(self).toMatchObject({ muted: true, srcObject: null, className: 'self' });
    expect(bob?.muted).toBe(false);
    expect(bob?.srcObject).toBeInstanceOf(MediaStream);
    expect(cho?.srcObject).toBeNull();
    adapter.attempt.participantLeft('bob');
    await settle();
    expect(shown()).toBe('connected cho');
    expect(videos()).toHaveLength(2);
  });

  test('plays the same stream again after a reconnect', async () => {
    const { adapter, videos } = setUp();
    await settle();
    adapter.attempt.tracks('bob', [videoTrack()]);
    await settle();
    const [, bob] = videos();
    const stream = bob?.srcObject;
    adapter.drop();
    await vi.waitFor(() => expect(adapter.attempts).toHaveLength(2), 2_000);
    adapter.attempt.tracks('bob', [videoTrack()]);
    await settle();
    expect(stream).toBeInstanceOf(MediaStream);
    expect(videos()[1]?.srcObject).toBe(stream);
  });

  test('shows why a join failed, also in a component that comes later', async () => {
    const denied = async () => {
      throw new TokenError('token_denied', 'Not on the list.');
    };
    const create = () => new Session({ adapter: new FakeAdapter(), tokenSource: denied });
    const { shown, showStatus } = setUp({ create });
    await settle();
    expect(shown()).toBe('disconnected denied token_denied');
    showStatus();
    await settle();
    expect(shown('output')).toBe('disconnected denied token_denied');
  });

  test('reports an identity that is none as an uncaught error', async () => {
    const uncaught: unknown[] = [];
    const onError = (error: unknown) => uncaught.push(error);
    process.on('unhandledRejection', onError);
    setUp({ identity: '' });
    await settle();
    process.off('unhandledRejection', onError);
    expect(uncaught).toMatchObject([{ code: 'invalid_argument' }]);
  });

  test('leaves no listener on the session', async () => {
    const { made, unmount } = setUp();
    await settle();
    const session = made.find(({ state }) => state === 'connected');
    if (!session) throw new Error('No session joined.');
    unmount();
    await settle();
    // This test's own, and the one that remembers the status.
    expect(session.listenerCount('stateChanged')).toBe(2);
    for (const event of ['participantJoined', 'participantLeft', 'trackAdded', 'trackRemoved'] as const)
      expect(session.listenerCount(event)).toBe(0);
  });
});
