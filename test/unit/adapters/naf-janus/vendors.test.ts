import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JanusAdapter } from '../../../../src/adapters/naf-janus/index.ts';
import { fakeJwt } from '../../fake-jwt.ts';
import { outcome } from '../../session-stage.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import type { VendorClass } from './forked-adapter.ts';
import { setUp, ways } from './naf-janus-stage.ts';
import { naf, RealAdapter } from './page-scripts.ts';

/**
 * The vendors by themselves, without us: what the recipes of scenes rest on, and where 4.0.1 and 4.3.0 differ. It shows that
 * the fakes around them are faithful, and that the stand-in for 4.3.0 does what was seen of that.
 */
const vendors: [name: string, Vendor: VendorClass][] = ways
  .slice(0, 2)
  .map(([name, { Vendor }]) => [name.replace('session-driven, ', ''), Vendor]);

interface More extends JanusAdapter {
  getLocalMediaStream?: unknown;
  setEventLoops?: unknown;
  broadcastData(kind: string, data: unknown): void;
  setReconnectionListeners(
    onReconnecting: (ms: number) => void,
    onReconnected: () => void,
    onReconnectionError: (error: Error) => void,
  ): void;
}

/** A scene that connects by itself, with a token that lasts for `lifetimeMs`. */
function connectAlone(
  Vendor: VendorClass,
  { url = 'wss://janus.example.org/janus', lifetimeMs = 3_600_000 } = {},
) {
  const stage = setUp({
    way: { Vendor, sceneDriven: false },
    scene: `adapter: janus; room: standup; serverURL: ${url}; connectOnLoad: false`,
  });
  stage.scene.load();
  const calls: [string, unknown?][] = [];
  const onReady = (event: Event) => {
    const vendor = (event as CustomEvent<More>).detail;
    vendor.setClientId('ada');
    vendor.setJoinToken(fakeJwt({ join_hub: true, exp: (stage.clock.now() + lifetimeMs) / 1000 }));
    vendor.requestedOccupants = vendor.availableOccupants;
    vendor.setReconnectionListeners(
      (ms) => calls.push(['reconnecting', ms]),
      () => calls.push(['reconnected']),
      (error) => calls.push(['error', error]),
    );
  };
  stage.scene.addEventListener('adapter-ready', onReady);
  const { connect } = stage.scene.components['networked-scene'] as unknown as {
    connect(): Promise<unknown>;
  };
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const connection = outcome(connect());
  onTestFinished(() => {
    random.mockRestore();
    naf.connection.disconnect();
  });
  return { ...stage, connection, calls, vendor: stage.vendor() as More };
}

describe.each(vendors)('naf-janus-adapter %s by itself', (_name, Vendor) => {
  const isFork = Vendor !== RealAdapter;

  test('joins, and subscribes to the others', async () => {
    const { pass, server, connection, vendor, own } = connectAlone(Vendor);
    server.others.push('bob');
    await pass(100);
    expect(connection).toEqual({ done: true });
    const kinds = server.frames.map(({ janus, body, jsep }) => body?.kind ?? jsep?.type ?? janus);
    expect(kinds.filter((kind) => kind !== 'trickle')).toEqual([
      ...['create', 'attach', 'offer', 'join', 'attach', 'join', 'answer'],
    ]);
    expect(kinds.filter((kind) => kind === 'trickle')).toHaveLength(4);
    expect(Object.keys(vendor.occupants)).toEqual(['bob']);
    expect(own().channels.map(({ label }) => label)).toEqual(['reliable', 'unreliable']);
  });

  test(`does not notice a refused subscriber${isFork ? ', and asks again after 15 s, five times' : ''}`, async () => {
    const { pass, server, vendor } = connectAlone(Vendor, { lifetimeMs: 10_000 });
    await pass(12_000);
    server.join('bob');
    await pass(14_000);
    expect(server.subscribers('bob').map(({ refusal }) => refusal)).toEqual([
      'Rejecting join with invalid token!',
    ]);
    await pass(80_000);
    expect(server.subscribers('bob')).toHaveLength(isFork ? 6 : 1);
    await pass(600_000);
    expect(server.subscribers('bob')).toHaveLength(isFork ? 6 : 1);
    expect(vendor.occupants).toEqual({});
  });

  test('reconnects with a token that has expired until its ten tries are over', async () => {
    const { pass, server, calls } = connectAlone(Vendor, { lifetimeMs: 10_000 });
    await pass(12_000);
    server.drop();
    await pass(120_000);
    expect(
      server
        .publishers()
        .slice(1)
        .map(({ refusal }) => refusal),
    ).toEqual(Array(11).fill('Rejecting join with invalid token!'));
    expect(calls.at(-1)?.[0]).toBe('error');
  });

  test(`that finds no server ${isFork ? 'rejects with the CloseEvent and goes on trying, ten times' : 'never settles and goes on trying for ever'}`, async () => {
    const stage = setUp();
    const { server, pass } = stage;
    server.up = false;
    naf.adapters.adapters['janus'] = Vendor;
    stage.scene.load();
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    onTestFinished(() => {
      random.mockRestore();
      naf.connection.disconnect();
    });
    const connection = outcome(
      (stage.scene.components['networked-scene'] as unknown as { connect(): Promise<unknown> }).connect(),
    );
    await pass(200_000);
    if (isFork) {
      expect(connection.error).toMatchObject({ type: 'close', code: 1006 });
      expect(server.sockets).toHaveLength(12);
    } else {
      expect(connection.done).toBe(false);
      expect(server.sockets.length).toBeGreaterThan(300);
    }
  });

  test(`that was refused rejects with the server’s words and ${isFork ? 'closes' : 'keeps'} its peer connection`, async () => {
    const { pass, connection, server } = connectAlone(Vendor, { lifetimeMs: -1_000 });
    await pass(100);
    expect(connection.error).toEqual({ msg: 'Rejecting join with invalid token!' });
    expect(FakePeerConnection.open.size).toBe(isFork ? 0 : 1);
    expect(server.network.open()).toHaveLength(1);
  });

  test(`removed with a delayed reconnect due ${isFork ? 'stays away' : 'reconnects all the same'}`, async () => {
    const { pass, server, own } = connectAlone(Vendor);
    await pass(100);
    own().become('failed');
    await pass(1_000);
    naf.connection.disconnect();
    await pass(20_000);
    expect(server.sockets).toHaveLength(isFork ? 1 : 2);
  });

  test(`takes "/" for ${isFork ? '/janus' : 'the host itself'}`, async () => {
    const { server } = connectAlone(Vendor, { url: '/' });
    expect(server.sockets[0]?.url).toBe(isFork ? 'ws://localhost:3000/janus' : '/');
  });

  test(`${isFork ? 'reconnects after 40 s' : 'rejects after 30 s'} without an answer`, async () => {
    const { pass, server, vendor } = connectAlone(Vendor);
    await pass(100);
    server.silent = true;
    const request = outcome(vendor.block('bob'));
    await pass(isFork ? 39_000 : 29_000);
    expect(request.done).toBe(false);
    expect(server.sockets).toHaveLength(1);
    await pass(2_000);
    expect(request.done).toBe(true);
    if (isFork) {
      expect(request.error).toBeUndefined();
      expect(server.sockets).toHaveLength(2);
    } else {
      expect(String(request.error)).toContain('timed out');
      expect(server.sockets).toHaveLength(1);
    }
  });

  test(`sending on a closed channel ${isFork ? 'is ignored' : 'throws'}`, async () => {
    const { pass, vendor, own } = connectAlone(Vendor);
    await pass(100);
    for (const channel of own().channels) channel.readyState = 'closed';
    const send = () => vendor.broadcastData('u', {});
    if (isFork) expect(send).not.toThrow();
    else expect(send).toThrow('Not open.');
  });

  test('calls the reconnection listeners', async () => {
    const { pass, server, calls } = connectAlone(Vendor);
    await pass(100);
    server.up = false;
    server.drop();
    await pass(700);
    server.up = true;
    await pass(4_000);
    expect(calls[0]).toEqual(['reconnecting', 500]);
    expect(calls.at(-1)).toEqual(['reconnected']);
  });

  test(`has ${isFork ? '' : 'no '}setEventLoops and getLocalMediaStream`, () => {
    const { vendor } = connectAlone(Vendor);
    expect([typeof vendor.setEventLoops, typeof vendor.getLocalMediaStream]).toEqual(
      Array(2).fill(isFork ? 'function' : 'undefined'),
    );
  });
});
