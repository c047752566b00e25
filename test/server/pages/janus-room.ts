// A page that speaks the protocol of Janus and its SFU plugin by hand, in the order of the vendor's client, and
// uses nothing of this package: it shows that the development server speaks what browsers understand.

interface Frame {
  janus: string;
  transaction?: string;
  sender?: number;
  data?: { id: number };
  plugindata?: { data: { success?: boolean; event?: string; user_id?: string; response?: Users } };
  jsep?: RTCSessionDescriptionInit;
}

interface Users {
  users?: Record<string, string[]>;
}

interface Subscriber {
  user: string;
  connection: RTCPeerConnection;
}

const received: { label: string; data: string | number[] }[] = [];
const pushes: string[] = [];
const subscribers: Subscriber[] = [];
const waiting = new Map<string, (frame: Frame) => void>();
const handlers = new Map<number, (frame: Frame) => void>();
let socket: WebSocket;
let session: number | undefined;
let transactions = 0;
let publisher: RTCPeerConnection;
let publisherHandle = 0;
let room = '';
let identity = '';

function ask(fields: Record<string, unknown>): Promise<Frame> {
  transactions += 1;
  const transaction = String(transactions);
  socket.send(JSON.stringify({ transaction, session_id: session, ...fields }));
  return new Promise((resolve) => waiting.set(transaction, resolve));
}

function receive(frame: Frame): void {
  if (frame.sender !== undefined) handlers.get(frame.sender)?.(frame);
  const resolve = waiting.get(frame.transaction ?? '');
  // The answer to a message comes after its ack; nothing else in here waits longer than for the ack.
  if (!resolve || (frame.janus === 'ack' && messages.has(frame.transaction))) return;
  waiting.delete(frame.transaction ?? '');
  resolve(frame);
}

const messages = new Set<string | undefined>();

function say(handle: number, body: object, jsep?: RTCSessionDescriptionInit | null): Promise<Frame> {
  messages.add(String(transactions + 1));
  return ask({ janus: 'message', handle_id: handle, body, ...(jsep ? { jsep } : {}) });
}

async function token(): Promise<string> {
  const body = JSON.stringify({ room, identity, backend: 'janus' });
  const { token } = (await (await fetch('/token', { method: 'POST', body })).json()) as { token: string };
  return token;
}

async function attach(connection: RTCPeerConnection): Promise<{ id: number; up: Promise<void> }> {
  const { data } = await ask({ janus: 'attach', plugin: 'janus.plugin.sfu' });
  const id = data?.id ?? 0;
  connection.onicecandidate = ({ candidate }) =>
    void ask({ janus: 'trickle', handle_id: id, candidate: candidate ?? null });
  const up = new Promise<void>((resolve) => {
    handlers.set(id, (frame) => {
      pushes.push(`${frame.plugindata?.data.event ?? frame.janus}`);
      if (frame.janus === 'webrtcup') resolve();
      if (frame.jsep?.type === 'offer') void answer(id, connection, frame.jsep);
      const { event, user_id: user } = frame.plugindata?.data ?? {};
      if (event === 'join' && user) void subscribe(user);
    });
  });
  return { id, up };
}

async function answer(
  handle: number,
  connection: RTCPeerConnection,
  offer: RTCSessionDescriptionInit,
): Promise<void> {
  await connection.setRemoteDescription(offer);
  await connection.setLocalDescription(await connection.createAnswer());
  await say(handle, {}, connection.localDescription);
}

async function offer(): Promise<void> {
  await publisher.setLocalDescription(await publisher.createOffer());
  const { jsep } = await say(publisherHandle, {}, publisher.localDescription);
  if (jsep) await publisher.setRemoteDescription(jsep);
}

async function subscribe(user: string): Promise<void> {
  const connection = new RTCPeerConnection({ iceServers: [] });
  const { id } = await attach(connection);
  subscribers.push({ user, connection });
  const body = { kind: 'join', room_id: room, user_id: identity, subscribe: { media: user } };
  await say(id, { ...body, token: await token() });
}

function listen(channel: RTCDataChannel): Promise<void> {
  channel.binaryType = 'arraybuffer';
  channel.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    received.push({
      label: channel.label,
      data: typeof data === 'string' ? data : [...new Uint8Array(data)],
    });
  };
  return new Promise((resolve) => {
    channel.onopen = () => resolve();
  });
}

const channels: RTCDataChannel[] = [];

const janusRoom = {
  received,
  pushes,

  /** Connects, joins, and subscribes to everybody who is there or comes. Tracks are added before the join. */
  async join(toRoom: string, as: string): Promise<void> {
    [room, identity] = [toRoom, as];
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { width: 320, height: 240, frameRate: 10 },
      audio: true,
    });
    socket = new WebSocket(`ws://${location.host}/janus`, 'janus-protocol');
    socket.onmessage = ({ data }) => receive(JSON.parse(String(data)) as Frame);
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    session = (await ask({ janus: 'create' })).data?.id;
    publisher = new RTCPeerConnection({ iceServers: [] });
    const { id, up } = await attach(publisher);
    publisherHandle = id;
    channels.push(
      publisher.createDataChannel('reliable', { ordered: true }),
      publisher.createDataChannel('unreliable', { ordered: false, maxRetransmits: 0 }),
    );
    const open = channels.map(listen);
    await offer();
    await Promise.all([up, ...open]);
    for (const track of stream.getTracks()) publisher.addTrack(track, stream);
    await offer();
    const subscription = { notifications: true, data: true };
    const body = { kind: 'join', room_id: room, user_id: as, subscribe: subscription };
    const { plugindata } = await say(id, { ...body, token: await token() });
    if (!plugindata?.data.success) throw new Error(JSON.stringify(plugindata?.data));
    await Promise.all((plugindata.data.response?.users?.[room] ?? []).map(subscribe));
  },

  /** What has arrived of each other participant until now. */
  async media(): Promise<Record<string, { frames: number; audioBytes: number; codec: string }>> {
    const result: Record<string, { frames: number; audioBytes: number; codec: string }> = {};
    for (const { user, connection } of subscribers) {
      const report = await connection.getStats();
      const entry = { frames: 0, audioBytes: 0, codec: '' };
      report.forEach((stats) => {
        if (stats.type !== 'inbound-rtp') return;
        if (stats.kind === 'audio') entry.audioBytes = stats.bytesReceived;
        if (stats.kind !== 'video') return;
        entry.frames = stats.framesDecoded;
        entry.codec = report.get(stats.codecId)?.mimeType ?? '';
      });
      result[user] = entry;
    }
    return result;
  },

  /** Whether this browser can send H.264. */
  hasH264(): boolean {
    const { codecs = [] } = RTCRtpSender.getCapabilities('video') ?? {};
    return codecs.some(({ mimeType }) => mimeType === 'video/H264');
  },

  say(label: string, data: string | number[]): void {
    const channel = channels.find((one) => one.label === label);
    if (typeof data === 'string') channel?.send(data);
    else channel?.send(new Uint8Array(data));
  },

  /** Closes the publisher's connection, and nothing else. */
  hangUp(): void {
    publisher.close();
  },
};

export type JanusRoom = typeof janusRoom;
Object.assign(window, { janusRoom });
