import { type RTCRtpCodecParameters, useH264, useNACK, usePLI, useVP8, Vp8RtpPayload } from 'werift';

/** A video codec, as far as a server that only forwards packets has to know it. */
export interface VideoCodec {
  /** What is negotiated: a new object at each call, since a connection writes its numbers into it. */
  parameters(): RTCRtpCodecParameters;
  /** Whether a packet begins a frame that can be decoded without any earlier one. */
  isKeyframe(payload: Buffer): boolean;
  /** An offer without the variants of the codec that are not to be chosen. */
  narrow(sdp: string): string;
}

const rtcpFeedback = [useNACK(), usePLI()];

/** VP8. */
export const vp8: VideoCodec = {
  parameters: () => useVP8({ rtcpFeedback }),
  isKeyframe: (payload) => Vp8RtpPayload.deSerialize(payload).isKeyframe,
  narrow: (sdp) => sdp,
};

/** H.264 in its constrained baseline profile (42e01f), the one that every browser with H.264 has. */
export const h264: VideoCodec = {
  parameters: () => useH264({ rtcpFeedback: [...rtcpFeedback, { type: 'ccm', parameter: 'fir' }] }),
  isKeyframe: isH264Keyframe,
  narrow: withoutOtherH264,
};

const [idrSlice, sequenceParameters, aggregation, fragment] = [5, 7, 24, 28];

function isH264Keyframe(payload: Buffer): boolean {
  const type = (at: number): number => (payload[at] ?? 0) & 0x1f;
  // An aggregation holds its first unit behind a header and a length, a fragment the kind of the whole.
  const unit = type(0) === aggregation ? type(3) : type(0) === fragment ? type(1) : type(0);
  return unit === idrSlice || unit === sequenceParameters;
}

/** Browsers offer several profiles and packetization modes, and the library would take the first of them. */
function withoutOtherH264(sdp: string): string {
  const others = [...sdp.matchAll(/^a=rtpmap:(\d+) H264\//gim)]
    .map(([, type = '']) => type)
    .filter((type) => {
      const format = new RegExp(`^a=fmtp:${type} (.*)$`, 'm').exec(sdp)?.[1] ?? '';
      return !/profile-level-id=42e01f/i.test(format) || !format.includes('packetization-mode=1');
    });
  return sdp
    .split('\r\n')
    .filter((line) => !others.includes(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(line)?.[1] ?? ''))
    .map((line) => (line.startsWith('m=video ') ? withoutFormats(line, others) : line))
    .join('\r\n');
}

function withoutFormats(line: string, types: readonly string[]): string {
  // The first words are no formats, but the port may look like one.
  return line
    .split(' ')
    .filter((word, index) => index < 3 || !types.includes(word))
    .join(' ');
}
