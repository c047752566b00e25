import { describe, expect, test } from 'vitest';
import { setUp } from './ant-media-stage.ts';

/** A session in a room with bob, whose page is one of the vendor's. */
async function withBob(options: Parameters<typeof setUp>[0] = {}) {
  const stage = setUp(options);
  stage.server.others.push('bob');
  stage.server.names['bob'] = 'Bob Bell';
  await stage.join();
  await stage.pass(1_000);
  const { room, own } = stage.connections();
  const sent: Record<string, unknown>[] = [];
  Object.assign(own?.channel ?? {}, { send: (text: string) => sent.push(JSON.parse(text)) });
  own?.channel?.onopen?.();
  return {
    ...stage,
    sent,
    send: room?.openChannel() ?? (() => {}),
    bob: () => stage.session.participants.find(({ id }) => id === 'bob'),
    updates: () =>
      stage.server.commands('updateStreamMetaData').map(({ metaData }) => JSON.parse(String(metaData))),
  };
}

describe('what others say of themselves', () => {
  test.each([
    [
      { isMicMuted: true, isCameraOn: true },
      { microphone: false, camera: true },
    ],
    [
      { isMicMuted: false, isCameraOn: false },
      { microphone: true, camera: false },
    ],
    [
      { isMicMuted: false, isCameraOff: true },
      { microphone: true, camera: false },
    ],
    [{ isScreenShared: true }, { metadata: { isScreenShared: true } }],
    [{ isMicMuted: 'yes', isCameraOn: null }, {}],
  ])('is in their stream’s metadata: %j', async (metaData, said) => {
    const { server, bob, pass, send } = await withBob();
    server.metaData['bob'] = JSON.stringify(metaData);
    send({ eventType: 'TRACK_LIST_UPDATED', streamId: 'standup' });
    await pass(2_000);
    expect(bob()).toMatchObject({ name: 'Bob Bell', ...said });
    if (!('microphone' in said)) expect(bob()?.microphone).toBeUndefined();
  });

  test.each(['', 'no JSON', '[1]', '7', 'null'])('may be metadata that say nothing: %j', async (metaData) => {
    const { server, bob, pass, send } = await withBob();
    server.metaData['bob'] = metaData;
    send({ eventType: 'TRACK_LIST_UPDATED', streamId: 'standup' });
    await pass(2_000);
    expect(bob()).toMatchObject({ id: 'bob', name: 'Bob Bell' });
    expect(bob()?.microphone).toBeUndefined();
  });

  test('is a message of the vendor’s pages, which the old metadata do not undo', async () => {
    const { server, bob, pass, send } = await withBob();
    server.metaData['bob'] = JSON.stringify({ isMicMuted: false, isCameraOn: true });
    send({ eventType: 'TRACK_LIST_UPDATED', streamId: 'standup' });
    await pass(2_000);
    send({ eventType: 'MIC_MUTED', streamId: 'bob' });
    send({ eventType: 'CAM_TURNED_OFF', streamId: 'bob' });
    expect(bob()).toMatchObject({ microphone: false, camera: false });
    send({ eventType: 'TRACK_LIST_UPDATED', streamId: 'standup' });
    await pass(2_000);
    expect(bob()).toMatchObject({ microphone: false, camera: false });
    send({ eventType: 'MIC_UNMUTED', streamId: 'bob' });
    send({ eventType: 'CAM_TURNED_ON', streamId: 'bob' });
    expect(bob()).toMatchObject({ microphone: true, camera: true });
  });

  test.each(['mallory', 'ada', 'standup', 7, undefined])(
    'makes nobody of %j a participant',
    async (streamId) => {
      const { session, send, pass } = await withBob();
      send({ eventType: 'MIC_MUTED', streamId });
      await pass(2_000);
      expect(session.participants.map(({ id }) => id)).toEqual(['bob']);
      expect(session.localParticipant?.microphone).toBe(true);
    },
  );
});

describe('what we say of ourselves', () => {
  test('is nothing, where there is nothing to say', async () => {
    const { server, updates, sent, session, pass } = await withBob();
    await session.setMicrophone(true);
    await pass(2_000);
    expect(server.commands('publish')[0]).toMatchObject({ metaData: '' });
    expect(updates()).toEqual([]);
    expect(sent).toEqual([]);
  });

  test('is a message at each change, and the stream’s metadata for those who come later', async () => {
    const { session, sent, updates, pass } = await withBob({ adapter: { metaData: '{"team":"red"}' } });
    await session.setMicrophone(false);
    await pass(0);
    expect(updates().at(-1)).toMatchObject({ team: 'red', isMicMuted: true, isCameraOn: true });
    await session.setCamera(false);
    await session.setMicrophone(true);
    await session.setCamera(true);
    await pass(0);
    expect(sent).toEqual(
      ['MIC_MUTED', 'CAM_TURNED_OFF', 'MIC_UNMUTED', 'CAM_TURNED_ON'].map((eventType) => ({
        eventType,
        streamId: 'ada',
      })),
    );
    expect(updates().at(-1)).toMatchObject({ isMicMuted: false, isCameraOn: true, isCameraOff: false });
  });

  test('is published with the stream, also after a reconnect', async () => {
    const { session, server, pass } = setUp();
    await session.setMicrophone(false);
    session.setMetadata({ hand: 'up' });
    const join = session.join('standup');
    await pass(0);
    await join;
    const said = { hand: 'up', isMicMuted: true };
    const metaData = () => JSON.parse(String(server.commands('publish').at(-1)?.['metaData']));
    expect(metaData()).toMatchObject(said);
    session.setMetadata({ hand: 'down' });
    await pass(0);
    expect(JSON.parse(String(server.commands('updateStreamMetaData').at(-1)?.['metaData']))).toMatchObject({
      hand: 'down',
      isMicMuted: true,
    });
    server.drop();
    await pass(3_000);
    expect(server.commands('publish')).toHaveLength(2);
    expect(metaData()).toMatchObject({ hand: 'down', isMicMuted: true });
  });

  test('is said by nobody who only listens', async () => {
    const { session, server, pass, join } = setUp({ adapter: { listenOnly: true, localStream: undefined } });
    await join();
    session.setMetadata({ hand: 'up' });
    await pass(2_000);
    expect(server.commands('updateStreamMetaData', 'publish')).toEqual([]);
  });

  test('has the name of the session, or else that of the adapter’s option', async () => {
    const { server, join } = setUp({
      adapter: { streamName: 'Of the adapter' },
      session: { name: 'Ada Ames' },
    });
    await join();
    expect(server.commands('publish')[0]).toMatchObject({ streamName: 'Ada Ames' });
  });
});
