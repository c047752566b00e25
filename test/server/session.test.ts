// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import { fetchToken, SignallingClient } from './support/signalling-client.ts';

let server: DevServer;
let clients: SignallingClient[];
let token: string;

beforeEach(async () => {
  clients = [];
  server = await startServer({ vite: false });
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

async function join(streamId: string): Promise<SignallingClient> {
  const client = await open();
  await client.publish('standup', streamId, token);
  client.send('play', { streamId: 'standup', token, userPublishId: streamId });
  return client;
}

async function eventually(check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !check(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(check()).toBe(true);
}

describe('a socket', () => {
  it('gets a pong for a ping', async () => {
    const client = await open();
    client.send('ping');
    expect(await client.next('pong')).toEqual({ command: 'pong' });
  });

  it('is told of no ICE server but one on this machine', async () => {
    const client = await open();
    client.send('getIceServerConfig');
    expect(await client.next('iceServerConfig')).toMatchObject({
      stunServerUri: expect.stringMatching(/^stun:127\.0\.0\.1:/),
    });
  });

  it.each(['joinTheDarkSide', 'constructor', '__proto__'])('gets no answer to %s', async (command) => {
    const client = await open();
    client.send(command, { streamId: 'standup' });
    client.send('ping');
    await client.next('pong');
    expect(client.frames).toHaveLength(1);
  });

  it.each(['joinTheDarkSide', 'publish', 'play', 'getBroadcastObject', 'getSubtracks'])(
    'gets an error about no stream for a %s without a stream id',
    async (command) => {
      const client = await open();
      client.send(command);
      client.send(command, { streamId: '' });
      const error = { command: 'error', definition: 'noStreamNameSpecified' };
      expect([await client.next('error'), await client.next('error')]).toEqual([error, error]);
    },
  );

  it('is closed by the server with 1000 when it closes without a code, and with 1009 for a text over 80 KiB', async () => {
    const client = await open();
    client.end();
    expect(await client.closed).toBe(1000);
    const other = await open();
    other.send('ping', { padding: 'x'.repeat(82_000) });
    expect(await other.closed).toBe(1009);
  });

  it('has its texts compressed', async () => {
    expect((await open()).extensions).toContain('permessage-deflate');
  });

  it('gets no answer at all from a silent server', async () => {
    server.settings.media.silent = true;
    const client = await open();
    client.send('ping');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.frames).toEqual([]);
  });

  it('is not accepted when the settings say so', async () => {
    server.settings.media.acceptSockets = false;
    await expect(SignallingClient.open(server)).rejects.toThrow();
  });

  it('is in the log from its opening to its closing code', async () => {
    const client = await open();
    await server.media.drop({ how: 'close' });
    await client.closed;
    await eventually(() => server.log.since().at(-1)?.type === 'socket-close');
    expect(server.log.since().slice(-2)).toMatchObject([
      { type: 'socket-open', app: 'LiveApp', socket: 1 },
      { type: 'socket-close', app: 'LiveApp', socket: 1, code: 1001 },
    ]);
  });
});

describe('a participant', () => {
  it('is told when its media can flow, with the room', async () => {
    const client = await open();
    await client.publish('standup', 'anna', token);
    expect(client.frames.at(-1)).toMatchObject({
      definition: 'publish_started',
      streamId: 'anna',
      room: 'standup',
    });
  });

  it('alone in the room plays it without a track', async () => {
    const anna = await join('anna');
    expect(await anna.answerOffer('standup')).toEqual({});
    await anna.next('notification', 'play_started');
  });

  it('gets the tracks of the others under their names, and not its own', async () => {
    await join('anna');
    const ben = await join('ben');
    const names = await ben.answerOffer('standup');
    await ben.next('notification', 'play_started');
    expect(Object.values(names)).toEqual(['ARDAMSaanna']);
    expect(Object.keys(names)[0]).toMatch(/^\d+$/);
  });

  it('gets a new offer and subtrackAdded when somebody comes', async () => {
    const anna = await join('anna');
    await anna.answerOffer('standup');
    await join('ben');
    expect(await anna.next('notification', 'subtrackAdded')).toMatchObject({
      streamId: 'standup',
      trackId: 'ben',
    });
    expect(Object.values(await anna.answerOffer('standup'))).toEqual(['ARDAMSaben']);
  });

  it.each(['stop', 'socket'])(
    'gets a new offer and subtrackRemoved when somebody leaves by %s',
    async (how) => {
      const anna = await join('anna');
      const ben = await join('ben');
      await ben.answerOffer('standup');
      await ben.next('notification', 'play_started');
      if (how === 'stop') anna.send('stop', { streamId: 'anna' });
      else await anna.close();
      expect(await ben.next('notification', 'subtrackRemoved')).toMatchObject({ trackId: 'anna' });
      expect(await ben.answerOffer('standup')).toEqual({});
      expect(server.log.since()).toContainEqual(
        expect.objectContaining({ type: 'left', room: 'standup', streamId: 'anna' }),
      );
    },
  );

  it('is told that it stopped, and may start again', async () => {
    const anna = await join('anna');
    await anna.answerOffer('standup');
    await anna.next('notification', 'play_started');
    anna.send('stop', { streamId: 'standup' });
    expect(await anna.next('notification', 'play_finished')).toMatchObject({ streamId: 'standup' });
    anna.send('stop', { streamId: 'anna' });
    expect(await anna.next('notification', 'publish_finished')).toMatchObject({ streamId: 'anna' });
    expect(server.media.rooms()).toEqual([]);
    expect(await anna.ask('publish', { streamId: 'anna', mainTrack: 'standup', token })).toBe('started');
  });

  it('is in the report on rooms', async () => {
    await (await join('anna')).next('takeConfiguration');
    expect(server.media.rooms()).toEqual([
      {
        app: 'LiveApp',
        room: 'standup',
        publishers: [{ streamId: 'anna', tracks: ['ARDAMSaanna'], held: false }],
        players: [{ publishId: 'anna' }],
      },
    ]);
  });

  it('is found by its room and identity when it is to be dropped', async () => {
    const anna = await join('anna');
    const ben = await join('ben');
    expect(await server.media.drop({ room: 'standup', identity: 'anna' })).toBe(1);
    expect(await anna.closed).toBe(1006);
    ben.send('ping');
    await ben.next('pong');
  });
});

describe('a question', () => {
  const broadcast = async (streamId: string): Promise<unknown> => {
    const client = await open();
    client.send('getBroadcastObject', { streamId });
    return JSON.parse(String((await client.next('notification', 'broadcastObject'))['broadcast']));
  };

  it('for a room is answered with its participants', async () => {
    await join('anna');
    expect(await broadcast('standup')).toMatchObject({
      streamId: 'standup',
      subTrackStreamIds: ['anna'],
      status: 'broadcasting',
    });
  });

  it('for a participant is answered with what it said of itself', async () => {
    const anna = await join('anna');
    anna.send('updateStreamMetaData', { streamId: 'anna', metaData: '{"hand":true}' });
    anna.send('ping');
    await anna.next('pong');
    expect(await broadcast('anna')).toMatchObject({
      streamId: 'anna',
      name: "anna's name",
      mainTrackStreamId: 'standup',
      metaData: '{"hand":true}',
    });
  });

  it('for the track list needs a token', async () => {
    const anna = await join('anna');
    expect(await anna.ask('getTrackList', { streamId: 'standup' })).toBe('unauthorized_access');
    anna.send('getTrackList', { streamId: 'standup', token });
    expect(await anna.next('trackList')).toMatchObject({ streamId: 'standup', trackList: ['anna'] });
  });
});

describe('a publisher whose socket is lost', () => {
  beforeEach(() => {
    server.settings.media.sessionHoldMs = 400;
  });
  const held = (): boolean =>
    server.media.rooms().some(({ publishers }) => publishers.some((publisher) => publisher.held));
  const lose = async (): Promise<void> => {
    await join('anna');
    await server.media.drop({ identity: 'anna' });
    await eventually(held);
  };
  const again = { streamId: 'anna', mainTrack: 'standup' };

  it('keeps its stream id for as long as the settings say', async () => {
    await lose();
    const client = await open();
    expect(await client.ask('publish', { ...again, token })).toBe('streamIdInUse');
    await eventually(() => !held());
    expect(await client.ask('publish', { ...again, token })).toBe('started');
  });

  it('takes its place again when the settings say so, and nobody is told it left', async () => {
    server.settings.media.sessionAnswer = 'session_restored';
    const ben = await join('ben');
    await ben.answerOffer('standup');
    await lose();
    const client = await open();
    await client.publish('standup', 'anna', token);
    expect(client.frames.at(-1)).toMatchObject({ definition: 'session_restored', streamId: 'anna' });
    expect(ben.frames.map(({ definition }) => definition)).not.toContain('subtrackRemoved');
  });

  it('is gone at once when the socket was closed in order', async () => {
    await join('anna');
    await server.media.drop({ identity: 'anna', how: 'close' });
    await eventually(() => server.media.rooms().length === 0);
  });
});
