// @vitest-environment node
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MediaStreamTrack,
  type RTCDataChannel,
  type RTCRtpSender,
  RtcpPayloadSpecificFeedback,
  RtpHeader,
  RtpPacket,
} from 'werift';
import { sendData } from '../../examples/server/janus/data-channel.ts';
import { h264 } from '../../examples/server/media/codecs.ts';
import { Connection } from '../../examples/server/media/connection.ts';
import { type DevServer, startServer } from '../../examples/server/server.ts';
import { fetchJanusToken, JanusClient, type JanusHandle } from './support/janus-client.ts';

const room = 'standup';
let server: DevServer;
let clients: JanusClient[];
let token: string;
const feeds: NodeJS.Timeout[] = [];

beforeEach(async () => {
  clients = [];
  server = await startServer({ vite: false });
  token = await fetchJanusToken(server, room);
});
afterEach(async () => {
  for (const feed of feeds.splice(0)) clearInterval(feed);
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
});

async function attach(client?: JanusClient): Promise<JanusHandle> {
  const opened = client ?? (await JanusClient.create(server));
  if (!client) clients.push(opened);
  return opened.attach();
}

/** Connects and joins, as the vendor's client does: without tracks. */
async function publish(user: string): Promise<JanusHandle> {
  const handle = await attach();
  await handle.connect();
  await handle.join(room, user, token);
  return handle;
}

/** Adds a track that sends a packet every 20 ms; offers it. */
async function addTrack(
  handle: JanusHandle,
  kind: 'audio' | 'video',
  payload = 'sound',
): Promise<RTCRtpSender> {
  const track = new MediaStreamTrack({ kind });
  const { sender } = handle.peer.addTransceiver(track, { direction: 'sendonly' });
  await handle.offer();
  let sequenceNumber = 0;
  const send = (): void => {
    sequenceNumber += 1;
    const header = new RtpHeader({
      sequenceNumber,
      timestamp: sequenceNumber * 960,
      payloadType: 96,
      ssrc: 1,
    });
    track.writeRtp(new RtpPacket(header, Buffer.from(payload)));
  };
  feeds.push(setInterval(send, 20));
  return sender;
}

/** Collects the payloads that arrive on a subscriber's tracks. */
function collect(handle: JanusHandle): Map<string, string[]> {
  const payloads = new Map<string, string[]>();
  handle.peer.onTrack.subscribe((track) => {
    const received: string[] = [];
    payloads.set(track.kind, received);
    track.onReceiveRtp.subscribe((packet) => received.push(packet.payload.toString()));
  });
  return payloads;
}

async function eventually(what: string, done: () => boolean): Promise<void> {
  const deadline = performance.now() + 3000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`Not within 3 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

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
    const [anna, ben, cleo] = [await publish('anna'), await publish('ben'), await publish('cleo')];
    const received = [anna, ben, cleo].map(listen);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const long = randomBytes(16_000);
    const text = '{"dataType":"um","data":"zażółć 🐧\\u0000"}';
    const all = [text, '', bytes, Buffer.alloc(0), long];
    for (const data of all) sendData(channel(anna), data);
    sendData(channel(anna, 'unreliable'), bytes);
    for (const others of [received[1], received[2]]) {
      await eventually('all messages', () => others?.length === 6);
      expect(others?.filter(([label]) => label === 'reliable')).toEqual(
        all.map((data) => ['reliable', data]),
      );
      expect(others?.filter(([label]) => label === 'unreliable')).toEqual([['unreliable', bytes]]);
    }
    expect(received[0]).toEqual([]);
  });

  it('goes nowhere before the join, to another room, or past a block', async () => {
    const [anna, ben, cleo] = [await publish('anna'), await publish('ben'), await publish('cleo')];
    const other = await attach();
    await other.connect();
    const [atBen, atCleo, atOther] = [listen(ben), listen(cleo), listen(other)];
    channel(other).send('too early');
    await other.join('other', 'dora', await fetchJanusToken(server, 'other'));
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

describe('media', () => {
  it('of a publisher is offered as audio, video and data, and flows', async () => {
    const anna = await publish('anna');
    await addTrack(anna, 'audio');
    expect(await anna.next('media')).toMatchObject({ type: 'audio', receiving: true });
    const ben = await attach();
    const received = collect(ben);
    const { jsep, plugindata } = await ben.subscribe(room, 'ben', 'anna', token);
    expect(plugindata?.data.response).toEqual({ users: { standup: ['anna'] } });
    expect(jsep?.sdp.match(/^m=\w+/gm)).toEqual(['m=audio', 'm=video', 'm=application']);
    expect(jsep?.sdp).toMatch(/a=rtpmap:\d+ H264\/90000/);
    expect(jsep?.sdp).toContain('profile-level-id=42e01f');
    expect(jsep?.sdp).not.toContain('VP8');
    await eventually('packets', () => (received.get('audio')?.length ?? 0) > 3);
    expect(new Set(received.get('audio'))).toEqual(new Set(['sound']));
  });

  it('that comes late is offered to those who subscribed before, and flows', async () => {
    const anna = await publish('anna');
    const ben = await attach();
    const received = collect(ben);
    await ben.subscribe(room, 'ben', 'anna', token);
    await addTrack(anna, 'audio');
    const offered = await ben.next('event');
    expect(offered).toMatchObject({ plugindata: { data: {} }, jsep: { type: 'offer' } });
    await ben.answer(offered);
    await eventually('audio', () => (received.get('audio')?.length ?? 0) > 3);
    await addTrack(anna, 'video', 'picture');
    await ben.answer(await ben.next('event'));
    await eventually('video', () => received.get('video')?.includes('picture') ?? false);
  });

  it('that is offered while an answer is due is offered again after it', async () => {
    const anna = await publish('anna');
    const ben = await attach();
    const received = collect(ben);
    const first = await ben.message({
      kind: 'join',
      room_id: room,
      user_id: 'ben',
      subscribe: { media: 'anna' },
      token,
    });
    await addTrack(anna, 'audio');
    await ben.answer(first);
    await ben.answer(await ben.next('event'));
    await eventually('audio', () => (received.get('audio')?.length ?? 0) > 3);
  });

  it('of a publisher that offers other H.264 variants is negotiated as 42e01f', async () => {
    const anna = await attach();
    anna.peer.addTransceiver('video', { direction: 'sendonly' });
    const { sdp } = await anna.peer.createOffer();
    const fitting = /^m=video \d+ \S+ (\d+)/m.exec(sdp)?.[1] ?? '';
    const several = sdp
      .replace(`m=video 9 UDP/TLS/RTP/SAVPF ${fitting}`, `m=video 9 UDP/TLS/RTP/SAVPF 120 ${fitting}`)
      .replace(
        `a=rtpmap:${fitting} `,
        `a=rtpmap:120 H264/90000\r\na=fmtp:120 profile-level-id=42001f;packetization-mode=1\r\na=rtpmap:${fitting} `,
      );
    expect(several).toContain('120');
    const { jsep } = await anna.message({}, { type: 'offer', sdp: several });
    expect(jsep?.sdp).toMatch(new RegExp(`^m=video 9 \\S+ ${fitting}\r$`, 'm'));
  });

  it.each(['a picture loss', 'a full intra'])(
    'is asked for a keyframe at %s request of a subscriber',
    async (what) => {
      const anna = await publish('anna');
      let asked = 0;
      const sender = await addTrack(anna, 'video', '\u0065 a keyframe');
      sender.onPictureLossIndication.subscribe(() => {
        asked += 1;
      });
      const ben = await attach();
      const received = collect(ben);
      await ben.subscribe(room, 'ben', 'anna', token);
      await eventually('a request for the newcomer', () => asked > 0);
      await eventually('video', () => (received.get('video')?.length ?? 0) > 30);
      const before = asked;
      const [receiver] = ben.peer.getReceivers().filter(({ kind }) => kind === 'video');
      const ssrc = receiver?.track.ssrc ?? 0;
      if (what === 'a picture loss') await receiver?.sendRtcpPLI(ssrc);
      else await receiver?.dtlsTransport.sendRtcp([fullIntraRequest(ssrc)]);
      await eventually('a request of the subscriber', () => asked > before);
    },
  );

  it('stops for a block, both ways, and comes back when it is taken back', async () => {
    const anna = await publish('anna');
    await addTrack(anna, 'audio');
    const ben = await publish('ben');
    const viewer = await attach();
    const received = collect(viewer);
    const packets = (): number => received.get('audio')?.length ?? 0;
    await viewer.subscribe(room, 'ben', 'anna', token);
    await eventually('audio', () => packets() > 3);
    await ben.say({ kind: 'block', whom: 'anna' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const atBlock = packets();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(packets()).toBe(atBlock);
    await ben.say({ kind: 'unblock', whom: 'anna' });
    await eventually('audio again', () => packets() > atBlock + 3);
  });
});

describe('leaving', () => {
  it('is announced when the last handle of a user goes', async () => {
    const anna = await publish('anna');
    const client = await JanusClient.create(server);
    clients.push(client);
    const [ben, viewer] = [await attach(client), await attach(client)];
    await ben.join(room, 'ben', token);
    await viewer.message({
      kind: 'join',
      room_id: room,
      user_id: 'ben',
      subscribe: { media: 'anna' },
      token,
    });
    const left = (): boolean => server.log.since().some((entry) => entry.type === 'janus-leave');
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
      const anna = await publish('anna');
      if (how === 'is silent for too long') server.settings.janus.sessionTimeoutMs = 100;
      const client = await JanusClient.create(server);
      clients.push(client);
      await (await attach(client)).join(room, 'ben', token);
      server.settings.janus.sessionTimeoutMs = 60_000;
      if (how === 'destroys its session') await client.ask({ janus: 'destroy' });
      if (how === 'loses its socket') await client.close();
      expect((await anna.next('leave')).plugindata?.data).toMatchObject({ user_id: 'ben' });
      expect(server.janus.rooms()).toMatchObject([{ publishers: [{ streamId: 'anna' }] }]);
    },
  );

  it('frees everything', async () => {
    const anna = await publish('anna');
    await addTrack(anna, 'audio');
    await publish('ben');
    const viewer = await attach();
    await viewer.subscribe(room, 'ben', 'anna', token);
    expect(server.janus.rooms()).toEqual([
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
    expect(server.janus.open).toEqual({ sockets: 3, sessions: 3, handles: 3 });
    await Promise.all(clients.map((client) => client.close()));
    await eventually('an empty server', () => server.janus.open.sockets === 0);
    expect(server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
    expect(server.janus.rooms()).toEqual([]);
  });
});

it('the fault panel lets media die without a word', async () => {
  const anna = await publish('anna');
  await addTrack(anna, 'audio');
  const ben = await attach();
  const received = collect(ben);
  await ben.subscribe(room, 'ben', 'anna', token);
  await eventually('audio', () => (received.get('audio')?.length ?? 0) > 3);
  const body = JSON.stringify({ backend: 'janus', how: 'ice' });
  const response = await fetch(`${server.url}/faults/drop`, { method: 'POST', body });
  expect(await response.json()).toEqual({ dropped: 2 });
  const before = received.get('audio')?.length;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(received.get('audio')?.length).toBe(before);
  expect(await anna.say({})).toBe('success');
});

it('a connection asks no STUN server', async () => {
  const connection = new Connection(h264, { connected: () => undefined, lost: () => undefined });
  connection.peer.createDataChannel('any');
  const sdp = await connection.offer();
  expect(connection.peer.iceTransports.map((transport) => transport.connection.stunServer)).toEqual([
    undefined,
  ]);
  expect(sdp.match(/^a=candidate:.*/gm)).toEqual([
    expect.stringMatching(/ udp \d+ 127\.0\.0\.1 \d+ typ host/),
  ]);
  await connection.close();
});

/** The library reads these, but has no class for them to be had. */
function fullIntraRequest(ssrc: number): RtcpPayloadSpecificFeedback {
  const content = Buffer.alloc(16);
  content.writeUInt32BE(ssrc, 8);
  content[12] = 1;
  const feedback = { count: 4, length: 4, serialize: () => content };
  return new RtcpPayloadSpecificFeedback({
    feedback: feedback as unknown as NonNullable<RtcpPayloadSpecificFeedback['feedback']>,
  });
}
