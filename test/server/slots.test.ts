// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import type { MediaSettings } from '../../dev/server/settings.ts';
import { fetchToken, SignallingClient } from './support/signalling-client.ts';

let server: DevServer;
let clients: SignallingClient[];
let token: string;

beforeEach(async () => {
  clients = [];
  server = await startServer({ vite: false, settings: { media: { slots: { video: 2, audio: 3 } } } });
  token = await fetchToken(server, { room: 'standup' });
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
});

async function open(): Promise<SignallingClient> {
  const client = await SignallingClient.open(server);
  clients.push(client);
  return client;
}

async function publish(streamId: string): Promise<SignallingClient> {
  const client = await open();
  await client.publish('standup', streamId, token, { video: true });
  return client;
}

async function listen(settings: Partial<MediaSettings> = {}): Promise<SignallingClient> {
  Object.assign(server.settings.media, settings);
  const client = await open();
  client.send('play', { streamId: 'standup', token });
  return client;
}

async function eventually(check: () => void): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    try {
      return check();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  check();
}

const quiet = (ms = 400) => new Promise((resolve) => setTimeout(resolve, ms));
const events = (client: SignallingClient, type: string) =>
  client.texts.map((text) => JSON.parse(text)).filter(({ eventType }) => eventType === type);
const lists = (client: SignallingClient) => events(client, 'VIDEO_TRACK_ASSIGNMENT_LIST');
const shown = (client: SignallingClient) =>
  lists(client)
    .at(-1)
    ?.payload.map(({ videoLabel, trackId }: Record<string, string>) => `${videoLabel} ${trackId}`);

describe('a room in slots', () => {
  it('offers as many as there are participants, and no more than the settings say', async () => {
    await publish('anna');
    const listener = await listen();
    const first = await listener.answerOffer('standup');
    expect(Object.values(first)).toEqual(['ARDAMSvvideoTrack0', 'ARDAMSaaudioTrack0']);
    for (const id of ['ben', 'cleo', 'dan']) await publish(id);
    let names: string[] = [];
    while (names.length < 5) names = Object.values(await listener.answerOffer('standup'));
    expect(names.toSorted()).toEqual([
      'ARDAMSaaudioTrack0',
      'ARDAMSaaudioTrack1',
      'ARDAMSaaudioTrack2',
      'ARDAMSvvideoTrack0',
      'ARDAMSvvideoTrack1',
    ]);
  });

  it('pushes who is in them at the opening of the data channel and at each change', async () => {
    const anna = await publish('anna');
    await publish('ben');
    const listener = await listen();
    await listener.answerOffer('standup');
    await eventually(() => expect(shown(listener)).toEqual(['videoTrack0 anna', 'videoTrack1 ben']));
    anna.send('stop', { streamId: 'anna' });
    await eventually(() => expect(shown(listener)).toEqual(['videoTrack0 ', 'videoTrack1 ben']));
    expect(events(listener, 'TRACK_LIST_UPDATED')).not.toEqual([]);
  });

  it('says it only when asked, where the settings say so', async () => {
    await publish('anna');
    const listener = await listen({ slotLists: 'asked' });
    await listener.answerOffer('standup');
    await quiet();
    await publish('ben');
    await listener.answerOffer('standup');
    await eventually(() => expect(events(listener, 'TRACK_LIST_UPDATED')).toHaveLength(1));
    expect(lists(listener)).toEqual([]);
    listener.send('getVideoTrackAssignmentsCommand', { streamId: 'standup' });
    await eventually(() => expect(shown(listener)).toEqual(['videoTrack0 anna', 'videoTrack1 ben']));
  });

  it('loses its one list, where the settings say so, and answers who asks', async () => {
    await publish('anna');
    const listener = await listen({ slotLists: 'lost' });
    await listener.answerOffer('standup');
    await publish('ben');
    await quiet();
    expect(listener.texts).toEqual([]);
    listener.send('getVideoTrackAssignmentsCommand', { streamId: 'standup' });
    await eventually(() => expect(shown(listener)).toHaveLength(2));
  });

  it.each([true, false])(
    'says who is in the audio slots only where it tells levels (%j)',
    async (audioLevels) => {
      await publish('anna');
      const listener = await listen({ audioLevels });
      await listener.answerOffer('standup');
      await eventually(() => expect(lists(listener)).not.toEqual([]));
      await quiet();
      const [first] = events(listener, 'AUDIO_TRACK_ASSIGNMENT');
      if (audioLevels)
        expect(first.payload).toEqual([{ audioLabel: 'audioTrack0', trackId: 'anna', audioLevel: 127 }]);
      else expect(first).toBeUndefined();
    },
  );

  it('moves the audio slots on as often as the settings say', async () => {
    for (const id of ['anna', 'ben', 'cleo', 'dan']) await publish(id);
    const listener = await listen({ audioLevels: true, slotTurnMs: 100 });
    await listener.answerOffer('standup');
    const first = () =>
      events(listener, 'AUDIO_TRACK_ASSIGNMENT').map(({ payload }) => payload[0].trackId as string);
    await eventually(() => expect(new Set(first())).toEqual(new Set(['anna', 'ben', 'cleo', 'dan'])));
  });

  it('follows a client that pins, pages and limits its video slots', async () => {
    for (const id of ['anna', 'ben', 'cleo', 'dan']) await publish(id);
    const listener = await listen();
    await listener.answerOffer('standup');
    await eventually(() => expect(shown(listener)).toEqual(['videoTrack0 anna', 'videoTrack1 ben']));
    listener.send('assignVideoTrackCommand', {
      streamId: 'cleo',
      videoTrackId: 'videoTrack0',
      enabled: true,
    });
    await eventually(() => expect(shown(listener)).toEqual(['videoTrack0 cleo', 'videoTrack1 ben']));
    expect(lists(listener).at(-1).payload[0].reserved).toBe(true);
    const streamId = 'standup';
    listener.send('updateVideoTrackAssignmentsCommand', { streamId, offset: 2, size: 2 });
    await eventually(() => expect(shown(listener)).toEqual(['videoTrack0 cleo', 'videoTrack1 dan']));
    listener.send('setMaxVideoTrackCountCommand', { streamId, maxTrackCount: 1 });
    await eventually(() => expect(shown(listener)).toEqual(['videoTrack0 cleo', 'videoTrack1 ']));
  });

  it('tells who is in it by questions, also those who only listen', async () => {
    await publish('anna');
    await publish('ben');
    const listener = await listen();
    await listener.answerOffer('standup');
    const ask = async (command: string, fields: object = {}) => {
      listener.send(command, { streamId: 'standup', role: '', offset: 0, size: 10, ...fields });
      return listener.next('notification');
    };
    await listener.next('notification', 'play_started');
    const { subtrackList } = await ask('getSubtracks');
    expect((subtrackList as string[]).map((text) => JSON.parse(text))).toMatchObject([
      { streamId: 'anna', name: "anna's name", mainTrackStreamId: 'standup' },
      { streamId: 'ben' },
    ]);
    expect((await ask('getSubtracks', { offset: 1, size: 1 }))['subtrackList']).toHaveLength(1);
    expect(await ask('getSubtracksCount')).toMatchObject({ definition: 'subtrackCount', count: 2 });
    expect(await ask('getSubscriberCount')).toMatchObject({ definition: 'subscriberCount', count: 1 });
    expect((await ask('getSubscribers'))['subscriberList']).toHaveLength(1);
    expect(await ask('joinRoom', { room: 'standup' })).toMatchObject({
      definition: 'joinedTheRoom',
      streams: ['anna', 'ben'],
      maxTrackCount: 2,
    });
    listener.send('getRoomInfo', { streamId: 'x', room: 'nobody-there' });
    expect((await listener.next('error')).definition).toBe('no_active_streams_in_room');
  });

  it('hands texts on unchanged, also one that looks like its own', async () => {
    const anna = await publish('anna');
    const listener = await listen({ slotLists: 'asked' });
    await listener.answerOffer('standup');
    await quiet();
    const forged = '{"eventType":"VIDEO_TRACK_ASSIGNMENT_LIST", "payload": [] }';
    anna.sendText('anna', forged);
    await eventually(() => expect(listener.texts).toContain(forged));
  });
});

describe('another server', () => {
  it('before 2.14 does not know getIceServerConfig, and says nothing of who comes and goes', async () => {
    server.settings.media.edition = 'before-2.14';
    const anna = await publish('anna');
    anna.send('getIceServerConfig');
    expect(await anna.next('error')).toEqual({ command: 'error', definition: 'noStreamNameSpecified' });
    const ben = await publish('ben');
    await ben.close();
    await quiet(100);
    expect(anna.frames.filter(({ definition = '' }) => definition.startsWith('subtrack'))).toEqual([]);
  });

  it('of the Community edition takes any token, plays no room, and stops whatever is published', async () => {
    server.settings.media.edition = 'community';
    const anna = await open();
    await anna.publish('standup', 'anna', 'not a token');
    anna.send('play', { streamId: 'standup' });
    expect(await anna.next('error')).toEqual({
      command: 'error',
      definition: 'no_stream_exist',
      streamId: 'standup',
      error_code: '404',
    });
    anna.send('getSubtracks', { streamId: 'standup' });
    anna.send('stop', { streamId: 'another-stream' });
    expect(await anna.next('notification')).toMatchObject({
      definition: 'publish_finished',
      streamId: 'anna',
      subscriberId: '',
    });
  });

  it('says why there is nothing to play, or nothing', async () => {
    const ask = async (noStreamInformation: string | null) => {
      const client = await listen({ noStreamInformation });
      return (await client.next('error'))['information'];
    };
    expect(await ask('webrtc_not_enabled')).toBe('webrtc_not_enabled');
    expect(await ask(null)).toBeUndefined();
  });
});

describe('proofs', () => {
  it.each(['room', 'app'] as const)(
    'a token for a whole %s is good where the server takes it',
    async (tokenScope) => {
      server.settings.tokenScope = tokenScope;
      token = await fetchToken(server, { room: 'standup' });
      expect(JSON.parse(atob(token.split('.')[1] ?? ''))).not.toHaveProperty('streamId');
      await publish('anna');
      const client = await open();
      const fields = { streamId: 'eve', mainTrack: 'another-room', token };
      expect(await client.ask('publish', fields)).toBe(
        tokenScope === 'app' ? 'started' : 'unauthorized_access',
      );
      server.settings.tokenScope = 'stream';
      expect(await (await open()).ask('publish', fields)).toBe('unauthorized_access');
    },
  );

  it('a code is good for its subscriber, and a wrong one is not', async () => {
    server.settings.totpPeriodS = 60;
    const response = await fetch(`${server.url}/token`, {
      method: 'POST',
      body: JSON.stringify({ room: 'standup', identity: 'anna' }),
    });
    const { subscriberId, subscriberCode, ...more } = (await response.json()) as Record<string, string>;
    expect(more).toEqual({});
    expect(subscriberCode).toMatch(/^\d{6}$/);
    const wrong = String((Number(subscriberCode) + 1) % 1_000_000).padStart(6, '0');
    const ask = async (code: string | undefined, id: string | undefined) =>
      (await open()).ask('publish', {
        streamId: 'anna',
        mainTrack: 'standup',
        subscriberId: id,
        subscriberCode: code,
      });
    expect(await ask(subscriberCode, subscriberId)).toBe('started');
    expect(await ask(wrong, subscriberId)).toBe('unauthorized_access');
    expect(await ask(subscriberCode, 'eve')).toBe('unauthorized_access');
    expect(await ask(undefined, undefined)).toBe('unauthorized_access');
  });
});
