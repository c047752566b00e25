import { WebRTCAdaptor as RealAdaptor } from '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js';
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { antMedia, type WebRTCAdaptor } from '../../../../src/adapters/ant-media/index.ts';
import { RoomSession } from '../../../../src/index.ts';
import { setUp } from './ant-media-stage.ts';

describe('the vendor’s object', () => {
  test('has the type of the class that the app gives or loads', () => {
    const given = new RoomSession({ adapter: antMedia({ vendor: RealAdaptor }) });
    expectTypeOf(given.vendor).toEqualTypeOf<RealAdaptor | undefined>();
    expectTypeOf(given.vendor).toExtend<{ sendData(streamId: string, data: string): void } | undefined>();
    const loaded = new RoomSession({ adapter: antMedia({ load: async () => RealAdaptor }) });
    expectTypeOf(loaded.vendor).toEqualTypeOf<RealAdaptor | undefined>();
  });

  test('of any type makes a session that an app can pass on as a RoomSession', () => {
    expectTypeOf<RoomSession<RealAdaptor>>().toExtend<RoomSession>();
  });

  test('has the type of what the adapter uses where the class comes from the page', () => {
    const session = new RoomSession({ adapter: antMedia({ websocketUrl: 'wss://media.example.org/a' }) });
    expectTypeOf(session.vendor).toEqualTypeOf<WebRTCAdaptor | undefined>();
  });
});

describe('the app’s callbacks in vendorOptions', () => {
  const calls = () => {
    const callback = vi.fn();
    const callbackError = vi.fn();
    return {
      callback,
      callbackError,
      stage: setUp({ adapter: { vendorOptions: { callback, callbackError } } }),
    };
  };

  test('are called beside the adapter’s, with what the vendor brings', async () => {
    const { callback, callbackError, stage } = calls();
    await stage.join();
    stage.server.fail('data_channel_error', { streamId: 'ada' });
    await stage.pass(0);
    expect(callback).toHaveBeenCalledWith('publish_started', expect.objectContaining({ streamId: 'ada' }));
    expect(callbackError).toHaveBeenCalledWith(
      'data_channel_error',
      expect.objectContaining({ streamId: 'ada' }),
    );
    expect(stage.session.state).toBe('connected');
  });

  test('hear of the event that ends an attempt, and of nothing after it', async () => {
    const { callback, stage } = calls();
    await stage.join();
    callback.mockClear();
    stage.server.notify('server_will_stop');
    await stage.pass(0);
    expect(callback.mock.calls.map(([info]) => info)).toEqual(['server_will_stop']);
    await stage.session.leave();
    await stage.pass(1_000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test('may throw: that is reported, and the adapter goes on', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const { callback, stage } = calls();
    callback.mockImplementation(() => {
      throw new Error('of the app');
    });
    await stage.join();
    expect(stage.session.state).toBe('connected');
    expect(reported).toContainEqual(new Error('of the app'));
  });

  test('may leave the room', async () => {
    const { callback, stage } = calls();
    callback.mockImplementation((info) => {
      if (info === 'publish_started') stage.session.leave();
    });
    const join = stage.join().catch((error) => error);
    await stage.pass(1_000);
    expect(await join).toMatchObject({ name: 'AbortError' });
    expect(stage.open()).toEqual([]);
  });
});

test('a vendor that throws while it sends is a failed attempt, with an error of ours', async () => {
  const { session, pass, server } = setUp();
  const spy = vi.spyOn(RealAdaptor.prototype, 'publish').mockImplementationOnce(() => {
    throw new TypeError('broken');
  });
  onTestFinished(() => spy.mockRestore());
  const errors: unknown[] = [];
  session.on('attemptFailed', ({ error }) => errors.push(error));
  const join = session.join('standup');
  await pass(2_000);
  await join;
  expect(errors).toMatchObject([{ code: 'connect_failed', cause: new TypeError('broken') }]);
  expect(server.network.open()).toHaveLength(1);
});

describe('a vendor’s object that does not fit is named as such, with the reason as cause', () => {
  const refusal = async (vendor: typeof RealAdaptor) => {
    const { session, pass, server, open } = setUp({ adapter: { vendor } });
    const join = session.join('standup').catch((error) => error);
    await pass(2_000);
    const error = await join;
    expect(error).toMatchObject({
      code: 'vendor_missing',
      message: expect.stringContaining('@antmedia/webrtc_adaptor 2.16'),
    });
    expect(server.sockets.length).toBeLessThanOrEqual(1);
    expect(open()).toEqual([]);
    return error;
  };

  test('the browser build without the script of mediapipe', async () => {
    const missing = new ReferenceError('SelfieSegmentation is not defined');
    const error = await refusal(
      class extends RealAdaptor {
        override async initialize(): Promise<void> {
          throw missing;
        }
      },
    );
    expect(error.cause).toBe(missing);
    expect(error.message).toContain('SelfieSegmentation is not defined');
  });

  test.each(['initialize', 'publish', 'play', 'stop', 'closeWebSocket', 'peerconnection_config'])(
    'a class without %s, as another one of the vendor’s',
    async (member) => {
      const error = await refusal(
        class extends RealAdaptor {
          constructor(options: object) {
            super(options);
            Object.assign(this, { [member]: undefined });
          }
        },
      );
      expect(error.cause).toMatchObject({ name: 'TypeError', message: expect.stringContaining(member) });
    },
  );

  test('but not a server that cannot be reached', async () => {
    const { session, pass, server } = setUp();
    server.up = false;
    const join = session.join('standup').catch((error) => error);
    await pass(10_000);
    expect(await join).toMatchObject({ code: 'connect_failed' });
  });
});
