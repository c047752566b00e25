// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JanusClient } from './support/janus-client.ts';
import { eventually, JanusStage, room } from './support/janus-stage.ts';

let stage: JanusStage;

beforeEach(async () => {
  stage = await JanusStage.open();
});
afterEach(() => stage.close());

describe('a socket', () => {
  it.each([[[]], [['other']], [['janus-protocol2']]])(
    'is refused with the subprotocols %j',
    async (protocols) => {
      await expect(JanusClient.open(stage.server, protocols)).rejects.toThrow('socket hang up');
    },
  );

  it('is accepted when janus-protocol is one of several', async () => {
    stage.clients.push(await JanusClient.open(stage.server, ['other', 'janus-protocol']));
    expect(stage.server.janus.open).toEqual({ sockets: 1, sessions: 0, handles: 0 });
  });

  it('is destroyed at the upgrade when the settings say so', async () => {
    stage.server.settings.janus.acceptSockets = false;
    await expect(JanusClient.open(stage.server)).rejects.toThrow('socket hang up');
  });

  it('gets no answer while the server is silent', async () => {
    const client = await stage.create();
    stage.server.settings.janus.silent = true;
    client.send({ janus: 'keepalive', session_id: client.session, transaction: 'lost' });
    await client.delivered();
    await stage.post('/faults', { janus: { silent: false } });
    await client.settled();
    expect(client.frames.some(({ transaction }) => transaction === 'lost')).toBe(false);
  });
});

describe('a request', () => {
  it('to create gets the id of a session, and no session_id', async () => {
    const client = await JanusClient.open(stage.server);
    stage.clients.push(client);
    const answer = await client.ask({ janus: 'create', transaction: '7241' });
    expect(answer).toEqual({ janus: 'success', transaction: '7241', data: { id: expect.any(Number) } });
  });

  it('to attach gets the id of a handle', async () => {
    const client = await stage.create();
    const attach = { janus: 'attach', plugin: 'janus.plugin.sfu', 'force-bundle': true, loop_index: 3 };
    expect(await client.ask(attach)).toMatchObject({
      janus: 'success',
      session_id: client.session,
      data: { id: expect.any(Number) },
    });
  });

  it('to keep alive gets an ack', async () => {
    const client = await stage.create();
    const ack = await client.ask({ janus: 'keepalive', transaction: 'k' });
    expect(ack).toEqual({ janus: 'ack', session_id: client.session, transaction: 'k' });
  });

  it('to trickle gets an ack, with a candidate, several, their end, or nonsense', async () => {
    const handle = await (await stage.create()).attach();
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
    const client = await stage.create();
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
      { janus: 'ack', session_id: client.session, transaction: event.transaction, hint: 'Processing.' },
      event,
    ]);
  });

  it('to a handle whose last message is under way may be answered first', async () => {
    const client = await stage.create();
    const handle = await client.attach();
    const order = new Set<boolean>();
    for (let tries = 0; order.size < 2 && tries < 200; tries += 1) {
      const asked = [handle.message({}), handle.message({})];
      const [first] = await Promise.all([Promise.race(asked), ...asked]);
      order.add(first === (await asked[0]));
    }
    expect(order.size).toBe(2);
  });

  it('to detach ends the handle, and only that', async () => {
    const client = await stage.create();
    const [one, two] = [await client.attach(), await client.attach()];
    expect(await one.ask({ janus: 'detach' })).toMatchObject({ janus: 'success' });
    await one.next('detached');
    expect(await one.ask({ janus: 'detach' })).toMatchObject({ error: { code: 459 } });
    expect(await two.say({})).toBe('success');
  });

  it('to destroy ends the session, and leaves the socket open for another', async () => {
    const client = await stage.create();
    await client.attach();
    expect(await client.ask({ janus: 'destroy' })).toMatchObject({ janus: 'success' });
    expect(await client.ask({ janus: 'keepalive' })).toMatchObject({ error: { code: 458 } });
    expect(await client.ask({ janus: 'create', session_id: undefined })).toMatchObject({ janus: 'success' });
    expect(stage.server.janus.open).toEqual({ sockets: 1, sessions: 1, handles: 0 });
  });

  it.each([
    [458, /^No such session 5$/, { janus: 'keepalive', session_id: 5 }],
    [458, /^No such session 5$/, { janus: 'create', session_id: 5 }],
    [459, /^No such handle 5 in session \d+$/, { janus: 'message', handle_id: 5, body: {} }],
    [460, /^No such plugin 'janus.plugin.echotest'$/, { janus: 'attach', plugin: 'janus.plugin.echotest' }],
    [456, /^Missing mandatory element \(plugin\)$/, { janus: 'attach' }],
    [456, /^Missing mandatory element \(transaction\)$/, { janus: 'keepalive', transaction: undefined }],
    [456, /^Missing mandatory element \(janus\)$/, {}],
    [467, /^Invalid element type \(janus should be a string\)$/, { janus: 1 }],
    [457, /^Unhandled request 'message' at this path$/, { janus: 'message', body: {} }],
    [453, /^Unknown request 'dance'$/, { janus: 'dance' }],
    [457, /^Unhandled request 'keepalive' at this path$/, { janus: 'keepalive', session_id: undefined }],
  ])('that is wrong gets the error %i, %s', async (code, reason, frame) => {
    const client = await stage.create();
    client.send({ session_id: client.session, ...frame });
    const error = await client.next(({ janus }) => janus === 'error', 'the error');
    expect(error.error).toEqual({ code, reason: expect.stringMatching(reason) });
  });

  it.each([
    [457, { janus: 'attach', plugin: 'janus.plugin.sfu' }],
    [456, { janus: 'message' }],
    [467, { janus: 'message', body: 'join' }],
    [456, { janus: 'trickle' }],
    [464, { janus: 'message', body: {}, jsep: { type: 'rollback', sdp: '' } }],
    [465, { janus: 'message', body: {}, jsep: { type: 'offer', sdp: 'nonsense' } }],
    [465, { janus: 'message', body: {}, jsep: { type: 'answer', sdp: 'v=0' } }],
  ])('to a handle that is wrong gets the error %i', async (code, frame) => {
    const handle = await (await stage.create()).attach();
    expect(await handle.ask(frame)).toMatchObject({ janus: 'error', error: { code } });
  });

  it.each([
    ['not json', 454],
    ['[]', 456],
  ])('that is %s gets the error %i', async (text, code) => {
    const client = await stage.create();
    client.sendText(text);
    expect(await client.next(({ janus }) => janus === 'error', text)).toMatchObject({ error: { code } });
  });
});

describe('a session', () => {
  it('ends when nothing is asked of it for as long as the settings say; its socket stays', async () => {
    const client = await stage.create();
    stage.server.settings.janus.sessionTimeoutMs = 150;
    await client.attach();
    const start = performance.now();
    const frame = await client.next(({ janus }) => janus === 'timeout', 'the timeout');
    expect(frame).toEqual({ janus: 'timeout', session_id: client.session });
    expect(performance.now() - start).toBeGreaterThan(130);
    expect(await client.ask({ janus: 'keepalive' })).toMatchObject({ error: { code: 458 } });
    expect(stage.server.janus.open).toEqual({ sockets: 1, sessions: 0, handles: 0 });
  });

  it('lives on while it is kept alive', async () => {
    stage.server.settings.janus.sessionTimeoutMs = 400;
    const client = await stage.create();
    const until = performance.now() + 700;
    while (performance.now() < until) {
      expect(await client.ask({ janus: 'keepalive' })).toMatchObject({ janus: 'ack' });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

describe('a session whose client has another network now', () => {
  it('stays: who joins under the same id is not announced, until it is destroyed over any other socket', async () => {
    const anna = await stage.publish('anna');
    await stage.publish('ben');
    await anna.next('join');
    const old = stage.clients[1]?.session;
    await stage.post('/faults/drop', { backend: 'janus', identity: 'ben', how: 'vanish' });
    expect(stage.server.janus.open).toEqual({ sockets: 1, sessions: 2, handles: 2 });
    const again = await stage.create();
    const handle = await again.attach();
    await handle.connect();
    const joined = await handle.join(room, 'ben', stage.token);
    expect(joined.plugindata?.data.response?.users?.[room]?.sort()).toEqual(['anna', 'ben']);
    await expect(anna.next('join')).rejects.toThrow('Nothing came');
    await handle.ask({ janus: 'detach' });
    const destroyed = await again.ask({ janus: 'destroy', session_id: old });
    expect(destroyed).toMatchObject({ janus: 'success', session_id: old });
    expect((await anna.next('leave')).plugindata?.data).toMatchObject({ user_id: 'ben' });
    expect(stage.server.janus.open).toEqual({ sockets: 2, sessions: 2, handles: 1 });
    const error = await again.ask({ janus: 'destroy', session_id: old });
    expect(error).toMatchObject({ janus: 'error', session_id: old, error: { code: 458 } });
  });

  it('is announced again when it was destroyed before the new join', async () => {
    const anna = await stage.publish('anna');
    await stage.publish('ben');
    await anna.next('join');
    const old = stage.clients[1]?.session;
    await stage.post('/faults/drop', { backend: 'janus', identity: 'ben', how: 'vanish' });
    const again = await stage.create();
    await again.ask({ janus: 'destroy', session_id: old });
    const handle = await again.attach();
    await handle.connect();
    await handle.join(room, 'ben', stage.token);
    expect(await anna.next('leave')).toBeDefined();
    expect(await anna.next('join')).toBeDefined();
  });

  it('ends with its timeout', async () => {
    stage.server.settings.janus.sessionTimeoutMs = 300;
    const client = await stage.create();
    await stage.post('/faults/drop', { backend: 'janus', how: 'vanish' });
    expect(stage.server.janus.open).toMatchObject({ sockets: 0, sessions: 1 });
    await client.closed;
    await eventually('the session ends', () => stage.server.janus.open.sessions === 0);
  });

  it('ends with the server', async () => {
    await stage.create();
    await stage.post('/faults/drop', { backend: 'janus', how: 'vanish' });
    expect(await stage.post('/faults/restart')).toEqual({ dropped: 1 });
    expect(stage.server.janus.open).toEqual({ sockets: 0, sessions: 0, handles: 0 });
  });
});
