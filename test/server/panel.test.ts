// @vitest-environment node
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../../dev/server/server.ts';
import { SignallingClient } from './support/signalling-client.ts';

let server: DevServer;

beforeAll(async () => {
  server = await startServer({ vite: false, settings: { tokenLifetimeS: 30 } });
});
afterAll(() => server.close());
afterEach(() => post('/faults/reset'));

const get = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json();
const post = (path: string, body: unknown = {}): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });

describe('/faults', () => {
  it('tells the settings', async () => {
    expect(await get('/faults')).toEqual(server.settings);
  });

  it('merges a patch into them', async () => {
    const response = await post('/faults', { oneTime: true, media: { sessionHoldMs: 5 } });
    expect(await response.json()).toMatchObject({ oneTime: true, tokenLifetimeS: 30 });
    expect(server.settings.media).toMatchObject({ sessionHoldMs: 5, acceptSockets: true });
  });

  it('goes back on a reset to what the server was started with', async () => {
    await post('/faults', { tokenLifetimeS: 1, endpoint: { mode: 'down' }, media: { silent: true } });
    await post('/faults/reset');
    expect(server.settings).toMatchObject({
      tokenLifetimeS: 30,
      endpoint: { mode: 'ok' },
      media: { silent: false },
    });
  });

  it('forgets the count of an earlier fault when the mode changes', async () => {
    await post('/faults', { endpoint: { mode: 'empty', times: 3 } });
    await post('/faults', { endpoint: { mode: 'html' } });
    expect(server.settings.endpoint).toMatchObject({ mode: 'html', times: null });
  });

  it.each([
    [{ tokenLifetime: 5 }, /^tokenLifetime is not a setting/],
    [{ tokenLifetimeS: '5' }, /^tokenLifetimeS must be a number/],
    [{ tokenLifetimeS: 0 }, /^tokenLifetimeS must be/],
    [{ tokenType: 'both' }, /^tokenType must be one of publish, play/],
    [{ oneTime: 1 }, /^oneTime must be true or false/],
    [{ endpoint: { mode: 'broken' } }, /^endpoint\.mode must be one of ok, down/],
    [{ endpoint: { status: 42 } }, /^endpoint\.status must be an HTTP status/],
    [{ endpoint: { times: 0 } }, /^endpoint\.times must be a whole number/],
    [{ endpoint: 'down' }, /^endpoint must be a JSON object/],
    [{ media: { constructor: 1 } }, /^media\.constructor is not a setting/],
    [{ media: { refuse: { command: 'stop', definition: 'x' } } }, /^media\.refuse must be null or/],
    [{ media: { refuse: { command: 'any' } } }, /^media\.refuse must be null or/],
  ])('refuses %j and changes nothing', async (patch, message) => {
    const before = structuredClone(server.settings);
    const response = await post('/faults', { serverUrl: 'wss://b', ...patch });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'bad_setting', message: expect.stringMatching(message) });
    expect(server.settings).toEqual(before);
  });

  it('is not for pages of another origin', async () => {
    const response = await fetch(`${server.url}/faults`, { headers: { Origin: 'http://localhost:1' } });
    expect(response.status).toBe(403);
  });
});

describe('/faults/drop', () => {
  it.each([
    ['terminate', 1006],
    ['close', 1001],
  ])('%s ends sockets with code %i', async (how, code) => {
    const client = await SignallingClient.open(server);
    expect(await (await post('/faults/drop', { how })).json()).toEqual({ dropped: 1 });
    expect(await client.closed).toBe(code);
  });

  it('terminates unless told otherwise', async () => {
    const client = await SignallingClient.open(server);
    await post('/faults/drop');
    expect(await client.closed).toBe(1006);
  });

  it('says server_will_stop before it closes', async () => {
    const client = await SignallingClient.open(server);
    await post('/faults/drop', { how: 'server_will_stop' });
    await client.next('notification', 'server_will_stop');
    expect(await client.closed).toBe(1001);
  });

  it('takes only the sockets of the application it names', async () => {
    const [one, two] = [
      await SignallingClient.open(server, 'One'),
      await SignallingClient.open(server, 'Two'),
    ];
    expect(await (await post('/faults/drop', { app: 'One' })).json()).toEqual({ dropped: 1 });
    await one.closed;
    two.send('ping');
    await two.next('pong');
    await two.close();
  });

  it('takes nobody who is not in the room or has another identity', async () => {
    const client = await SignallingClient.open(server);
    expect(await (await post('/faults/drop', { room: 'standup' })).json()).toEqual({ dropped: 0 });
    expect(await (await post('/faults/drop', { identity: 'anna' })).json()).toEqual({ dropped: 0 });
    await client.close();
  });

  it.each([{ how: 'gently' }, { rooms: 'standup' }, { room: 7 }])('refuses %j', async (body) => {
    const response = await post('/faults/drop', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'bad_drop' });
  });
});

it('GET /events tells what is new since an entry', async () => {
  const before = (await get('/events')) as { seq: number }[];
  const since = before.at(-1)?.seq ?? 0;
  await post('/token', { room: 'standup' });
  expect(await get(`/events?since=${since}`)).toMatchObject([
    { seq: since + 1, type: 'token', room: 'standup' },
  ]);
});

it('GET /rooms tells that nobody is there', async () => {
  expect(await get('/rooms')).toEqual([]);
});
