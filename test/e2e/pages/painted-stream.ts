/** Media that can be told apart: each person has a colour and a tone of their own. */

/** How a person looks and sounds. */
export interface Look {
  /** 0 to 359, on the colour circle. */
  readonly hue: number;
  /** Hz. */
  readonly tone: number;
}

const context = new AudioContext();
const [width, height] = [160, 120];

/** A camera that shows one colour, and a microphone with one tone; `speak(false)` is silence. */
export function paintedStream({ hue, tone }: Look): { stream: MediaStream; speak(on: boolean): void } {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const paint = canvas.getContext('2d');
  let frame = 0;
  setInterval(() => {
    if (!paint) return;
    paint.fillStyle = `hsl(${hue}, 90%, ${45 + (frame++ % 5)}%)`;
    paint.fillRect(0, 0, width, height);
  }, 100);
  const oscillator = new OscillatorNode(context, { frequency: tone });
  const volume = new GainNode(context, { gain: 0.4 });
  const microphone = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(volume).connect(microphone);
  oscillator.start();
  const stream = new MediaStream([...canvas.captureStream(10).getTracks(), ...microphone.stream.getTracks()]);
  return {
    stream,
    speak(on) {
      volume.gain.value = on ? 0.4 : 0;
    },
  };
}

const videos = new Map<MediaStreamTrack, HTMLVideoElement>();

/** The hue that a video track shows now, `undefined` where it shows nothing yet. */
export function hueOf(track: MediaStreamTrack): number | undefined {
  let video = videos.get(track);
  if (!video) {
    video = Object.assign(document.createElement('video'), { autoplay: true, muted: true });
    video.srcObject = new MediaStream([track]);
    videos.set(track, video);
    document.body.append(video);
  }
  if (video.readyState < 2) return undefined;
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
  const paint = canvas.getContext('2d');
  paint?.drawImage(video, 0, 0, 8, 8);
  const [red = 0, green = 0, blue = 0] = paint?.getImageData(4, 4, 1, 1).data ?? [];
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  if (most - least < 40) return undefined;
  const sixth =
    most === red
      ? (green - blue) / (most - least)
      : most === green
        ? (blue - red) / (most - least) + 2
        : (red - green) / (most - least) + 4;
  return (sixth * 60 + 360) % 360;
}

const ears = new Map<MediaStreamTrack, AnalyserNode>();

/** Which of these tones sound in any of the tracks now. */
export function tonesIn(tracks: readonly MediaStreamTrack[], tones: readonly number[]): number[] {
  const spectra = tracks.map((track) => {
    const ear = ears.get(track) ?? listenTo(track);
    const spectrum = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(spectrum);
    return spectrum;
  });
  const binHz = context.sampleRate / 4096;
  return tones.filter((tone) =>
    spectra.some((spectrum) => (spectrum[Math.round(tone / binHz)] ?? -200) > -50),
  );
}

function listenTo(track: MediaStreamTrack): AnalyserNode {
  const stream = new MediaStream([track]);
  // Chromium gives a remote track to Web Audio only while an element plays it.
  const audio = Object.assign(document.createElement('audio'), {
    autoplay: true,
    muted: true,
    srcObject: stream,
  });
  document.body.append(audio);
  const ear = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0.2 });
  new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(ear);
  ears.set(track, ear);
  return ear;
}
