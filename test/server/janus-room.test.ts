// @vitest-environment node
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RTCDataChannel } from 'werift';
import { sendData } from '../../dev/server/janus/data-channel.ts';
import { fetchJanusToken, type JanusHandle, subscriberJoin } from './support/janus-client.ts';
import { eventually, JanusStage, room } from './support/janus-stage.ts';

let stage: JanusStage;

beforeEach(async () => {
  stage = await JanusStage.open();
});
afterEach(() => stage.close());

/** What arrives on all channels of a handle, with their labels. */
function listen(handle: JanusHandle): [string, string | Buffer][] {
  const received: [string, string | Buffer][] = [];
  for (const [label, channel] of handle.channels)
    channel.onMessage.subscribe((data) => received.push([label, data]));
  return received;
}

const channel = (handle: JanusHandle, label = 'reliable'): RTCDataChannel => {
  const found = handle.channels.get(label);
  if (!found) throw new Error(`There is no channel ${label}`);
  return found;
};

describe('data', () => {
  it('of a publisher reaches the others byte for byte on the channel of the same label', async () => {
    const [anna, ben, cleo] = [
      await stage.publish('anna'),
      await stage.publish('ben'),
      await stage.publish('cleo'),
    ];
    const received = [anna, ben, cleo].map(listen);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const long = randomBytes(16_000);
    const text = '{"dataType":"um","data":"zażółć 🐧\\u0000"}';
    const all = [text, '', bytes, Buffer.alloc(0), long];
    // A real server drops empty messages.
    const arrives = [text, bytes, long];
    for (const data of all) sendData(channel(anna), data);
    sendData(channel(anna, 'unreliable'), bytes);
    for (const others of [received[1], received[2]]) {
      await eventually('all messages', () => others?.length === arrives.length + 1);
      expect(others?.filter(([label]) => label === 'reliable')).toEqual(
        arrives.map((data) => ['reliable', data]),
      );
      expect(others?.filter(([label]) => label === 'unreliable')).toEqual([['unreliable', bytes]]);
    }
    expect(received[0]).toEqual([]);
  });

  it('goes nowhere before the join, to another room, or past a block', async () => {
    const [anna, ben, cleo] = [
      await stage.publish('anna'),
      await stage.publish('ben'),
      await stage.publish('cleo'),
    ];
    const other = await stage.attach();
    await other.connect();
    const [atBen, atCleo, atOther] = [listen(ben), listen(cleo), listen(other)];
    channel(other).send('too early');
    await other.join('other', 'dora', await fetchJanusToken(stage.server, 'other'));
    channel(other).send('elsewhere');
    await ben.say({ kind: 'block', whom: 'anna' });
    channel(anna).send('one');
    await eventually('the first message', () => atCleo.length === 1);
    channel(ben).send('two');
    await eventually('the second message', () => atCleo.length === 2);
    await ben.say({ kind: 'unblock', whom: 'anna' });
    channel(anna).send('three');
    await eventually('the third message', () => atBen.length === 1);
    expect(atBen).toEqual([['reliable', 'three']]);
    expect(atOther).toEqual([]);
  });
});

describe('leaving', () => {
  it('is announced when the last handle of a user goes', async () => {
    const anna = await stage.publish('anna');
    const client = await stage.create();
    const [ben, viewer] = [await stage.attach(client), await stage.attach(client)];
    await ben.join(room, 'ben', stage.token);
    await viewer.message(subscriberJoin(room, 'ben', 'anna', stage.token));
    const left = (): boolean => stage.server.log.since().some((entry) => entry.type === 'janus-leave');
    await ben.ask({ janus: 'detach' });
    await client.settled();
    expect(left()).toBe(false);
    await viewer.ask({ janus: 'detach' });
    expect((await anna.next('leave')).plugindata?.data).toEqual({
      event: 'leave',
      user_id: 'ben',
      room_id: room,
    });
  });

  it.each(['destroys its session', 'loses its socket', 'is silent for too long'])(
    'is announced when a user %s',
    async (how) => {
      const anna = await stage.publish('anna');
      const client = await stage.create();
      const ben = await stage.attach(client);
      if (how === 'is silent for too long') stage.server.settings.janus.sessionTimeoutMs = 100;
      await ben.join(room, 'ben', stage.token);
      if (how === 'destroys its session') await client.ask({ janus: 'destroy' });
      if (how === 'loses its socket') await client.close();
      expect((await anna.next('leave')).plugindata?.data).toMatchObject({ user_id: 'ben' });
      expect(stage.server.janus.rooms()).toMatchObject([{ publishers: [{ streamId: 'anna' }] }]);
    },
  );

  it('frees everything', async () => {
    const anna = await stage.publish('anna');
    anna.peer.addTransceiver('audio', { direction: 'sendonly' });
    await anna.offer();
    await stage.publish('ben');
    const viewer = await stage.attach();
    await viewer.subscribe(room, 'ben', 'anna', stage.token);
    expect(stage.server.janus.rooms()).toEqual([
      {
        app: 'janus',
        room,
        publishers: [
          { streamId: 'anna', tracks: ['janusa0'], held: false },
          { streamId: 'ben', tracks: [], held: false },
        ],
        players: [{ publishId: 'ben' }],
      },
    ]);
    expect(stage.server.janus.open).toEqual({ sockets: 3, sessions: 3, handles: 3 });
    await Promise.all(stage.clients.map((client) => client.close()));
    await eventually('an empty server', () => stage.server.janus.open.sockets === 0);
    expect(stage.server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
    expect(stage.server.janus.rooms()).toEqual([]);
  });

  it('by closing the server leaves nothing that keeps the process alive', { timeout: 20_000 }, async () => {
    const script = `
      import { JanusStage } from ${JSON.stringify(import.meta.resolve('./support/janus-stage.ts'))};
      const stage = await JanusStage.open();
      await stage.publish('anna');
      const viewer = await stage.attach();
      await viewer.subscribe('standup', 'ben', 'anna', stage.token);
      await stage.close();
      const start = performance.now();
      process.on('exit', () => console.log(performance.now() - start < 1000 ? 'at once' : 'late'));`;
    const node = promisify(execFile);
    const { stdout, stderr } = await node(process.execPath, ['--input-type=module', '--eval', script]);
    expect([stdout.trim(), stderr]).toEqual(['at once', '']);
  });
});
