// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MediaStreamTrack,
  type RTCRtpSender,
  RtcpPayloadSpecificFeedback,
  RtpHeader,
  RtpPacket,
} from 'werift';
import { h264 } from '../../dev/server/media/codecs.ts';
import { Connection } from '../../dev/server/media/connection.ts';
import { type JanusHandle, subscriberJoin } from './support/janus-client.ts';
import { eventually, JanusStage, room } from './support/janus-stage.ts';

const feeds: NodeJS.Timeout[] = [];
let stage: JanusStage;

beforeEach(async () => {
  stage = await JanusStage.open();
});
afterEach(async () => {
  for (const feed of feeds.splice(0)) clearInterval(feed);
  await stage.close();
});

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

describe('media', () => {
  it('of a publisher is offered as audio, video and data, and flows', async () => {
    const anna = await stage.publish('anna');
    await addTrack(anna, 'audio');
    expect(await anna.next('media')).toMatchObject({
      type: 'audio',
      receiving: true,
    });
    const ben = await stage.attach();
    const received = collect(ben);
    const { jsep, plugindata } = await ben.subscribe(room, 'ben', 'anna', stage.token);
    expect(plugindata?.data.response).toEqual({ users: { standup: ['anna'] } });
    expect(jsep?.sdp.match(/^m=\w+/gm)).toEqual(['m=audio', 'm=video', 'm=application']);
    expect(jsep?.sdp).toMatch(/a=rtpmap:\d+ H264\/90000/);
    expect(jsep?.sdp).toContain('profile-level-id=42e01f');
    expect(jsep?.sdp).not.toContain('VP8');
    await eventually('packets', () => (received.get('audio')?.length ?? 0) > 3);
    expect(new Set(received.get('audio'))).toEqual(new Set(['sound']));
  });

  it('that comes late is offered to those who subscribed before, and flows', async () => {
    const anna = await stage.publish('anna');
    const ben = await stage.attach();
    const received = collect(ben);
    await ben.subscribe(room, 'ben', 'anna', stage.token);
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
    const anna = await stage.publish('anna');
    const ben = await stage.attach();
    const received = collect(ben);
    const first = await ben.message(subscriberJoin(room, 'ben', 'anna', stage.token));
    await addTrack(anna, 'audio');
    await ben.answer(first);
    await ben.answer(await ben.next('event'));
    await eventually('audio', () => (received.get('audio')?.length ?? 0) > 3);
  });

  it('of a publisher that offers other H.264 variants is negotiated as 42e01f', async () => {
    const anna = await stage.attach();
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
      const anna = await stage.publish('anna');
      let asked = 0;
      const sender = await addTrack(anna, 'video', '\u0065 a keyframe');
      sender.onPictureLossIndication.subscribe(() => {
        asked += 1;
      });
      const ben = await stage.attach();
      const received = collect(ben);
      await ben.subscribe(room, 'ben', 'anna', stage.token);
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
    const anna = await stage.publish('anna');
    await addTrack(anna, 'audio');
    const ben = await stage.publish('ben');
    const viewer = await stage.attach();
    const received = collect(viewer);
    const packets = (): number => received.get('audio')?.length ?? 0;
    await viewer.subscribe(room, 'ben', 'anna', stage.token);
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

it('the fault panel lets media die without a word', async () => {
  const anna = await stage.publish('anna');
  await addTrack(anna, 'audio');
  const ben = await stage.attach();
  const received = collect(ben);
  await ben.subscribe(room, 'ben', 'anna', stage.token);
  await eventually('audio', () => (received.get('audio')?.length ?? 0) > 3);
  const body = JSON.stringify({ backend: 'janus', how: 'ice' });
  const response = await fetch(`${stage.server.url}/faults/drop`, { method: 'POST', body });
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
