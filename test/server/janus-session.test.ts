// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../examples/server/server.ts';
import { fetchJanusToken, JanusClient } from './support/janus-client.ts';

let server: DevServer;
let clients: JanusClient[];

beforeEach(async () => {
  clients = [];
  server = await startServer({ vite: false });
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
});

async function create(): Promise<JanusClient> {
  const client = await JanusClient.create(server);
  clients.push(client);
  return client;
}

const post = async (path: string, body: unknown = {}): Promise<unknown> =>
  (await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) })).json();

describe('a socket', () => {
  it.each([[[]], [['other']], [['janus-protocol2']]])(
    'is refused with the subprotocols %j',
    async (protocols) => {
      await expect(JanusClient.open(server, protocols)).rejects.toThrow('400');
    },
  );

  it('is accepted when janus-protocol is one of several', async () => {
    clients.push(await JanusClient.open(server, ['other', 'janus-protocol']));
    expect(server.janus.open).toEqual({ sockets: 1, sessions: 0, handles: 0 });
  });

  it('is destroyed at the upgrade when the settings say so', async () => {
    server.settings.janus.acceptSockets = false;
    await expect(JanusClient.open(server)).rejects.toThrow('socket hang up');
  });

  it('gets no answer while the server is silent', async () => {
    const client = await create();
    server.settings.janus.silent = true;
    client.send({ janus: 'keepalive', session_id: client.session, transaction: 'lost' });
    await post('/faults', { janus: { silent: false } });
    await client.settled();
    expect(client.frames.some(({ transaction }) => transaction === 'lost')).toBe(false);
  });
});

describe('a request', () => {
  it('to create gets the id of a session, and no session_id', async () => {
    const client = await JanusClient.open(server);
    clients.push(client);
    const answer = await client.ask({ janus: 'create', transaction: '7241' });
    expect(answer).toEqual({ janus: 'success', transaction: '7241', data: { id: expect.any(Number) } });
  });

  it('to attach gets the id of a handle', async () => {
    const client = await create();
    const attach = { janus: 'attach', plugin: 'janus.plugin.sfu', 'force-bundle': true, loop_index: 3 };
    expect(await client.ask(attach)).toMatchObject({
      janus: 'success',
      session_id: client.session,
      data: { id: expect.any(Number) },
    });
  });

  it('to keep alive gets an ack', async () => {
    const client = await create();
    const ack = await client.ask({ janus: 'keepalive', transaction: 'k' });
    expect(ack).toEqual({ janus: 'ack', session_id: client.session, transaction: 'k' });
  });

  it('to trickle gets an ack, with a candidate, several, their end, or nonsense', async () => {
    const handle = await (await create()).attach();
    const candidate = 'candidate:1 1 udp 1 192.0.2.1 9 typ host';
    for (const fields of [
      { candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } },
      { candidates: [{ candidate }, { completed: true }] },
      { candidate: null },
      { candidate: { completed: true } },
      { candidate: { candidate: 'nonsense', sdpMid: '9' } },
    ])
      expect(await handle.ask({ janus: 'trickle', ...fields })).toMatchObject({ janus: 'ack' });
  });

  it('with a message gets an ack first, then the event', async () => {
    const client = await create();
    const handle = await client.attach();
    const event = await handle.message({});
    expect(event).toEqual({
      janus: 'event',
      session_id: client.session,
      sender: handle.id,
      transaction: event.transaction,
      plugindata: { plugin: 'janus.plugin.sfu', data: { success: true } },
    });
    expect(client.frames.filter(({ transaction }) => transaction === event.transaction)).toEqual([
      { janus: 'ack', session_id: client.session, transaction: event.transaction },
      event,
    ]);
  });

  it('to detach ends the handle, and only that', async () => {
    const client = await create();
    const [one, two] = [await client.attach(), await client.attach()];
    expect(await one.ask({ janus: 'detach' })).toMatchObject({ janus: 'success' });
    await one.next('detached');
    expect(await one.ask({ janus: 'detach' })).toMatchObject({ error: { code: 459 } });
    expect(await two.say({})).toBe('success');
  });

  it('to destroy ends the session, and leaves the socket open for another', async () => {
    const client = await create();
    await client.attach();
    expect(await client.ask({ janus: 'destroy' })).toMatchObject({ janus: 'success' });
    expect(await client.ask({ janus: 'keepalive' })).toMatchObject({ error: { code: 458 } });
    expect(await client.ask({ janus: 'create' })).toMatchObject({ janus: 'success' });
    expect(server.janus.open).toEqual({ sockets: 1, sessions: 1, handles: 0 });
  });

  it.each([
    [458, /^No such session 5$/, { janus: 'keepalive', session_id: 5 }],
    [459, /^No such handle 5 in session \d+$/, { janus: 'message', handle_id: 5, body: {} }],
    [460, /^No such plugin 'janus.plugin.echotest'$/, { janus: 'attach', plugin: 'janus.plugin.echotest' }],
    [456, /^Missing mandatory element \(plugin\)$/, { janus: 'attach' }],
    [456, /^Missing mandatory element \(transaction\)$/, { janus: 'keepalive', transaction: undefined }],
    [456, /^Missing mandatory element \(janus\)$/, {}],
    [467, /^Invalid element type \(janus should be a string\)$/, { janus: 1 }],
    [457, /^Unhandled request 'message' at this path$/, { janus: 'message', body: {} }],
    [457, /^Unhandled request 'keepalive' at this path$/, { janus: 'keepalive', session_id: undefined }],
  ])('that is wrong gets the error %i, %s', async (code, reason, frame) => {
    const client = await create();
    client.send({ session_id: client.session, ...frame });
    const error = await client.next(({ janus }) => janus === 'error', 'the error');
    expect(error.error).toEqual({ code, reason: expect.stringMatching(reason) });
  });

  it.each([
    [453, { janus: 'dance' }],
    [456, { janus: 'message' }],
    [467, { janus: 'message', body: 'join' }],
    [456, { janus: 'trickle' }],
    [464, { janus: 'message', body: {}, jsep: { type: 'rollback', sdp: '' } }],
    [465, { janus: 'message', body: {}, jsep: { type: 'offer', sdp: 'nonsense' } }],
    [469, { janus: 'message', body: {}, jsep: { type: 'answer', sdp: 'v=0' } }],
  ])('to a handle that is wrong gets the error %i', async (code, frame) => {
    const handle = await (await create()).attach();
    expect(await handle.ask(frame)).toMatchObject({ janus: 'error', error: { code } });
  });

  it.each([
    ['not json', 454],
    ['[]', 455],
  ])('that is %s gets the error %i', async (text, code) => {
    const client = await create();
    client.sendText(text);
    expect(await client.next(({ janus }) => janus === 'error', text)).toMatchObject({ error: { code } });
  });
});

describe('a session', () => {
  it('ends with its socket when nothing is asked of it for as long as the settings say', async () => {
    server.settings.janus.sessionTimeoutMs = 150;
    const client = await create();
    await client.attach();
    const start = performance.now();
    expect(await client.closed).toBe(1006);
    expect(performance.now() - start).toBeGreaterThan(130);
    expect(client.frames.at(-1)).toEqual({ janus: 'timeout', session_id: client.session });
    expect(server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
  });

  it('lives on while it is kept alive', async () => {
    server.settings.janus.sessionTimeoutMs = 200;
    const client = await create();
    const until = performance.now() + 400;
    while (performance.now() < until) {
      expect(await client.ask({ janus: 'keepalive' })).toMatchObject({ janus: 'ack' });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

describe('the fault panel', () => {
  it.each([
    ['terminate', 1006],
    ['close', 1001],
  ])('drops sockets by %s with code %i', async (how, code) => {
    const client = await create();
    expect(await post('/faults/drop', { backend: 'janus', how })).toEqual({ dropped: 1 });
    expect(await client.closed).toBe(code);
  });

  it('drops only the sockets of the room and the user it names', async () => {
    const [anna, ben] = [await create(), await create()];
    const token = await fetchJanusToken(server, 'standup');
    await (await anna.attach()).join('standup', 'anna', token);
    await (await ben.attach()).join('standup', 'ben', token);
    expect(await post('/faults/drop', { room: 'other' })).toEqual({ dropped: 0 });
    expect(await post('/faults/drop', { app: 'LiveApp' })).toEqual({ dropped: 0 });
    expect(await post('/faults/drop', { backend: 'ant-media' })).toEqual({ dropped: 0 });
    expect(await post('/faults/drop', { how: 'server_will_stop' })).toEqual({ dropped: 0 });
    expect(await post('/faults/drop', { room: 'standup', identity: 'ben' })).toEqual({ dropped: 1 });
    await ben.closed;
    await anna.settled();
  });

  it.each([{ backend: 'jitsi' }, { backend: 'janus', how: 'server_will_stop' }])(
    'refuses to drop %j',
    async (body) => {
      expect(await post('/faults/drop', body)).toMatchObject({ error: 'bad_drop' });
    },
  );

  it.each([
    [{ sessionTimeoutMs: -1 }, /^janus\.sessionTimeoutMs must be a number, 0 or more/],
    [{ maxRoomSize: 1.5 }, /^janus\.maxRoomSize must be a whole number/],
    [{ algorithm: 'none' }, /^janus\.algorithm must be one of RS512, RS256, HS256/],
    [{ refuse: { role: 'host', message: 'x' } }, /^janus\.refuse must be null or \{role: publisher/],
    [{ refuse: { role: 'any' } }, /^janus\.refuse must be null or/],
  ])('refuses the settings %j', async (janus, message) => {
    const before = structuredClone(server.settings);
    expect(await post('/faults', { janus })).toEqual({
      error: 'bad_setting',
      message: expect.stringMatching(message),
    });
    expect(server.settings).toEqual(before);
  });

  it('goes back to the settings the server was started with', async () => {
    const other = await startServer({ vite: false, settings: { janus: { maxRoomSize: 3 } } });
    Object.assign(other.settings.janus, { maxRoomSize: 1, silent: true });
    await fetch(`${other.url}/faults/reset`, { method: 'POST' });
    expect(other.settings.janus).toMatchObject({ maxRoomSize: 3, silent: false });
    await other.close();
  });

  it('simulates a restart: every socket is lost and nobody is remembered', async () => {
    const [anna, ben] = [await create(), await create()];
    const token = await fetchJanusToken(server, 'standup');
    const handle = await anna.attach();
    await handle.join('standup', 'anna', token);
    await handle.say({ kind: 'block', whom: 'ben' });
    await (await ben.attach()).join('standup', 'ben', token);
    expect(await post('/faults/restart')).toEqual({ dropped: 2 });
    expect(await Promise.all([anna.closed, ben.closed])).toEqual([1006, 1006]);
    expect(server.janus.rooms()).toEqual([]);
    expect(server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
    expect(anna.frames.some(({ plugindata }) => plugindata?.data.event === 'leave')).toBe(false);
    const again = await (await create()).attach();
    const { plugindata } = await again.join('standup', 'ben', token);
    expect(plugindata?.data.response).toEqual({ users: { standup: [] } });
  });
});
