import { describe, expect, test } from 'vitest';
import { type ErrorKind, kindOfError } from '../../../../src/adapters/ant-media/errors.ts';
import { setUp } from './ant-media-stage.ts';

/** Each definition that the server or the vendor's client is known to send. */
const known: Readonly<Record<ErrorKind, readonly string[]>> = {
  rejected: ['unauthorized_access'],
  denied: [
    'user_blocked',
    'not_allowed_unregistered_streams',
    'stream_not_active_or_expired',
    'room_not_active_or_expired',
    'main_track_has_max_subtrack_count__not_allowed_to_add_more_subtracks',
    'viewerLimitReached',
  ],
  final: [
    'invalidStreamName',
    'noStreamNameSpecified',
    'no_room_specified',
    'license_suspended_please_renew_license',
    'no_codec_enabled_in_the_server',
    'WebSocketNotSupported',
    'UnsecureContext',
    'getUserMediaIsNotAllowed',
  ],
  transient: [
    'publishTimeoutError',
    'already_publishing',
    'already_playing',
    'highResourceUsage',
    'data_store_not_available',
    'server_error_check_logs',
    'mainTrackDBOperationFailed',
    'some_definition_of_the_future',
  ],
  soon: ['streamIdInUse', 'not_initialized_yet'],
  lost: [
    'WebSocketNotConnected',
    'encoderNotOpened',
    'encoderBlocked',
    'noPacketReceivedForTimeoutDuration',
    'notSetRemoteDescription',
    'notSetLocalDescription',
  ],
  empty: ['no_stream_exist'],
  information: [
    'no_active_streams_in_room',
    'ScreenSharePermissionDenied',
    'NoActiveConnection',
    'AudioAlreadyActive',
    'protocol_not_supported',
    'data_channel_error',
  ],
};

const all = Object.entries(known).flatMap(([kind, definitions]) =>
  definitions.map((definition) => [definition, kind as ErrorKind] as const),
);
const of = (...kinds: ErrorKind[]) => all.filter(([, kind]) => kinds.includes(kind));

describe('the definition', () => {
  test.each(all)('%s is %s', (definition, kind) => {
    expect(kindOfError(definition)).toBe(kind);
  });

  test.each(['unauthorized_access_to_api', 'encoderNotOpenedError', 'no_stream_existed', 'constructor'])(
    '%s only resembles a known one, and is transient',
    (definition) => {
      expect(kindOfError(definition)).toBe('transient');
    },
  );

  test.each(of('denied', 'final'))('%s ends a join, and is in its error', async (definition, kind) => {
    const { session, pass, server, open } = setUp();
    server.answers.push({ command: 'publish', definition });
    const join = session.join('standup').catch((error) => error);
    await pass(1_000);
    expect(await join).toMatchObject({
      code: kind === 'denied' ? 'connect_denied' : 'connect_failed',
      vendorCode: definition,
    });
    expect(server.sockets).toHaveLength(1);
    await pass(10_000);
    expect(open()).toEqual([]);
  });

  test.each(of('denied', 'final'))('%s ends the room at a reconnect', async (definition, kind) => {
    const { join, pass, server, changes, open } = setUp();
    await join();
    server.answers.push({ command: 'publish', definition });
    server.drop();
    await pass(3_000);
    expect(changes.at(-1)).toMatchObject({
      state: 'disconnected',
      reason: kind === 'denied' ? 'denied' : 'ended',
      error: { vendorCode: definition },
    });
    expect(open()).toEqual([]);
  });

  test.each(of('transient', 'soon', 'lost'))('%s at a join is tried again', async (definition) => {
    const { session, pass, server } = setUp();
    server.answers.push({ command: 'publish', definition });
    const errors: unknown[] = [];
    session.on('attemptFailed', ({ error }) => errors.push(error));
    const join = session.join('standup');
    await pass(3_000);
    await join;
    expect(server.commands('publish')).toHaveLength(2);
    expect(errors).toMatchObject([{ code: 'connect_failed', vendorCode: definition }]);
  });

  test('not_initialized_yet without a stream id is tried again too', async () => {
    const { session, pass, server } = setUp();
    server.answers.push({
      command: 'publish',
      definition: 'not_initialized_yet',
      more: { streamId: undefined },
    });
    const join = session.join('standup');
    await pass(3_000);
    await join;
    expect(server.sockets).toHaveLength(2);
  });

  test.each(of('lost').filter(([definition]) => definition !== 'WebSocketNotConnected'))(
    '%s in the room is a reconnect',
    async (definition) => {
      const { join, pass, server, states } = setUp();
      await join();
      await pass(1_000);
      server.fail(definition, { streamId: 'ada' });
      await pass(3_000);
      expect(states()).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    },
  );

  test.each(of('information', 'transient', 'soon'))('%s in the room changes nothing', async (definition) => {
    const { join, pass, server, states } = setUp();
    await join();
    await pass(1_000);
    server.fail(definition, { streamId: 'ada' });
    server.fail(definition);
    await pass(3_000);
    expect(states()).toEqual(['connecting', 'connected']);
    expect(server.sockets).toHaveLength(1);
  });

  test.each(of('rejected', 'denied', 'final', 'lost', 'empty'))(
    '%s about a stream that is none of ours changes nothing',
    async (definition) => {
      const { join, pass, server, states } = setUp();
      await join();
      await pass(1_000);
      server.fail(definition, { streamId: 'screen-of-ada' });
      await pass(3_000);
      expect(states()).toEqual(['connecting', 'connected']);
    },
  );
});
