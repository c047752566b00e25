// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../dev/server/event-log.ts';
import { type DevServer, startServer } from '../../../dev/server/server.ts';
import { eventually } from '../support/janus-stage.ts';
import { JitsiClient, type LoginOptions } from './client.ts';

let server: DevServer;
let clients: JitsiClient[];

beforeEach(async () => {
  server = await startServer({ vite: false });
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.lose();
  await server.close();
});

const keep = (client: JitsiClient): JitsiClient => {
  clients.push(client);
  return client;
};
const login = async (name: string, options?: LoginOptions) =>
  keep(await JitsiClient.login(server, name, options));
const join = async (name: string, options?: LoginOptions) =>
  keep(await JitsiClient.join(server, name, options));
/** Joins and is in. */
async function enter(name: string, options?: LoginOptions) {
  const client = await join(name, options);
  const joined = await client.next('joined');
  return { client, ...joined };
}
const guest = { token: null };
const entries = <Type extends LogEntry['type']>(type: Type) =>
  server.log.since().filter((entry) => entry.type === type) as Extract<LogEntry, { type: Type }>[];
const post = async (path: string, body: object): Promise<unknown> =>
  (await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) })).json();

describe('a login', () => {
  it('is refused with the words of Prosody, as they are in XML', async () => {
    server.settings.jitsi.tokenFault = 'issuer';
    expect(await (await login('anna')).next('login-failed')).toEqual({
      type: 'login-failed',
      text: 'invalid &apos;iss&apos; claim',
    });
    expect(entries('jitsi-login')).toMatchObject([
      { name: 'anna', resume: false, token: { ok: false, why: 'issuer' }, answer: "invalid 'iss' claim" },
    ]);
  });

  it('is refused without words where Prosody says only not-authorized', async () => {
    server.settings.jitsi.tokenFault = 'no-room';
    expect(await (await login('anna')).next('login-failed')).toMatchObject({ text: null });
  });

  it('without a token is one on the guest domain', async () => {
    await (await login('gast', guest)).next('logged-in');
  });

  it('without a token is refused where there is no guest domain', async () => {
    server.settings.jitsi.guests = false;
    expect(await (await login('gast', guest)).next('login-failed')).toMatchObject({ text: 'token required' });
  });

  it('without a token is one on the main domain where empty tokens are allowed', async () => {
    Object.assign(server.settings.jitsi, { guests: false, requireToken: false, waitForHost: 'lobby' });
    await enter('anybody', guest);
  });

  it('is what anything else needs first', async () => {
    const anna = await login('anna', { token: 'nonsense' });
    await anna.next('login-failed');
    anna.say({ type: 'join', presence: anna.presence });
    const ben = await enter('ben');
    expect(ben.occupants).toEqual([]);
  });

  it('is destroyed at the upgrade when the setting says so', async () => {
    server.settings.jitsi.acceptSockets = false;
    await expect(login('anna')).rejects.toThrow('socket hang up');
  });
});

describe('a meeting', () => {
  it('tells those in it of one another, and passes signals on', async () => {
    const anna = await enter('anna', { role: 'moderator' });
    const ben = await enter('ben');
    const asBen = { id: ben.id, name: 'ben', role: 'participant', audioMuted: false, videoMuted: false };
    expect(ben.occupants).toMatchObject([{ id: anna.id, name: 'anna', role: 'moderator' }]);
    expect((await anna.client.next('occupant-joined')).occupant).toEqual(asBen);
    ben.client.say({ type: 'presence', presence: { ...ben.client.presence, audioMuted: true } });
    expect((await anna.client.next('occupant-changed')).occupant).toEqual({ ...asBen, audioMuted: true });
    ben.client.say({ type: 'signal', to: anna.id, data: 'hello' });
    expect(await anna.client.next('signal')).toEqual({ type: 'signal', from: ben.id, data: 'hello' });
    expect(server.jitsi.rooms()).toMatchObject([{ room: 'standup', participants: [{}, {}], knocking: [] }]);
    await ben.client.close();
    expect(await anna.client.next('occupant-left')).toEqual({
      type: 'occupant-left',
      id: ben.id,
      twice: false,
    });
    await anna.client.close();
    await eventually('the room is gone', () => server.jitsi.rooms().length === 0);
    expect(server.jitsi.open).toEqual({ pages: 0, sockets: 0, sessions: 0 });
    expect(entries('jitsi-leave').map(({ name }) => name)).toEqual(['ben', 'anna']);
  });

  it('is the same by any spelling, and another one of another tenant', async () => {
    await enter('anna', { room: 'Stand-Up!' });
    expect((await enter('ben', { room: 'stand-up' })).occupants).toHaveLength(1);
    expect((await enter('cleo', { room: 'acme/stand-up' })).occupants).toHaveLength(0);
  });

  it.each(['room', 'tenant'])('refuses a token for another %s only when it is joined', async (what) => {
    server.settings.tokenRoom = what === 'room' ? 'other' : 'acme/standup';
    const anna = await join('anna');
    expect(await anna.next('join-failed')).toEqual({
      type: 'join-failed',
      authType: 'general',
      text: 'Room and token mismatched',
    });
    expect(entries('jitsi-join')).toMatchObject([
      { room: 'standup', token: { ok: false, why: what === 'room' ? 'room' : 'domain' } },
    ]);
    expect(server.jitsi.rooms()).toEqual([]);
  });

  it('says that somebody left twice when the setting says so', async () => {
    server.settings.jitsi.duplicateLeft = true;
    const [anna, ben] = [await enter('anna'), await enter('ben')];
    await ben.client.close();
    expect(await anna.client.next('occupant-left')).toMatchObject({ twice: true });
  });

  it('has breakout rooms that nobody looks at a token for', async () => {
    const [anna, ben] = [await enter('anna', { role: 'moderator' }), await enter('ben')];
    anna.client.say({ type: 'add-breakout', name: 'Corner' });
    const { rooms } = await ben.client.next('breakouts');
    const corner = rooms.find(({ name }) => name === 'Corner')?.id ?? '';
    ben.client.say({ type: 'breakout', room: corner });
    expect(await ben.client.next('joined')).toMatchObject({
      id: ben.id,
      room: corner,
      breakout: true,
      occupants: [],
    });
    await anna.client.next('occupant-left');
    ben.client.say({ type: 'breakout', room: null });
    expect(await ben.client.next('joined')).toMatchObject({ room: 'standup', breakout: false });
  });

  it('lets only moderators kick, and end it', async () => {
    const [anna, ben] = [await enter('anna', { role: 'moderator' }), await enter('ben')];
    ben.client.say({ type: 'kick', id: anna.id });
    ben.client.say({ type: 'end' });
    anna.client.say({ type: 'kick', id: ben.id });
    expect(await ben.client.next('kicked')).toEqual({
      type: 'kicked',
      kicked: { id: ben.id, name: 'ben' },
      kicker: { id: anna.id, name: 'anna' },
    });
    await anna.client.next('occupant-left');
    anna.client.say({ type: 'end' });
    expect(await anna.client.next('destroyed')).toMatchObject({ sameRoom: false });
    expect(entries('jitsi-kick')).toMatchObject([{ room: 'standup', id: ben.id, name: 'ben' }]);
    expect(entries('jitsi-destroy')).toHaveLength(1);
  });
});

describe('a lobby', () => {
  it('holds guests until a host comes, and then lets them in by themselves', async () => {
    server.settings.jitsi.waitForHost = 'lobby';
    const waiting = await join('gast', guest);
    expect(await waiting.next('members-only')).toMatchObject({ waitForHost: true });
    expect(server.jitsi.rooms()).toMatchObject([{ participants: [], knocking: [{ name: 'gast' }] }]);
    const host = await enter('host');
    await waiting.next('joined');
    await host.client.close();
    await enter('late', guest);
    expect(entries('jitsi-join').map(({ name, answer }) => [name, answer])).toEqual([
      ['gast', 'waiting-for-host'],
      ['host', 'joined'],
      ['gast', 'joined'],
      ['late', 'joined'],
    ]);
  });

  it('does not ask the host to admit whoever waited for him', async () => {
    server.settings.jitsi.waitForHost = 'lobby';
    const waiting = await join('gast', guest);
    await waiting.next('members-only');
    const { client } = await enter('host', { role: 'moderator' });
    await client.next('occupant-joined');
    expect(client.unread).not.toContain('knocking');
  });

  it('in the style of Jicofo refuses guests until a host comes', async () => {
    server.settings.jitsi.waitForHost = 'jicofo';
    const waiting = await join('gast', guest);
    await waiting.next('authentication-required');
    await enter('host');
    waiting.say({ type: 'join', presence: waiting.presence });
    await waiting.next('joined');
  });

  it.each([true, false])('holds whoever is no moderator until answered: %s', async (admitted) => {
    server.settings.jitsi.lobby = true;
    const early = await join('ben');
    expect(await early.next('members-only')).toMatchObject({ waitForHost: false });
    expect(server.jitsi.admit({ identity: 'ben' })).toBe(0);
    early.say({ type: 'knock' });
    const anna = await enter('anna', { role: 'moderator' });
    const { person } = await anna.client.next('knocking');
    expect(person.name).toBe('ben');
    anna.client.say({ type: 'admit', id: person.id, admitted });
    await early.next(admitted ? 'joined' : 'rejected');
    expect(entries('jitsi-knock')).toMatchObject([
      { name: 'ben', answer: admitted ? 'admitted' : 'rejected' },
    ]);
  });

  it('is answered from outside, too', async () => {
    server.settings.jitsi.lobby = true;
    const [ben, cleo] = [await join('ben'), await join('cleo')];
    await Promise.all([ben.next('members-only'), cleo.next('members-only')]);
    for (const client of [ben, cleo]) client.say({ type: 'knock' });
    await expect.poll(() => server.jitsi.rooms()[0]?.knocking).toHaveLength(2);
    expect(server.jitsi.admit({ identity: 'ben' })).toBe(1);
    expect(server.jitsi.reject()).toBe(1);
    await Promise.all([ben.next('joined'), cleo.next('rejected')]);
  });

  it('is turned on and off by moderators', async () => {
    const anna = await enter('anna', { role: 'moderator' });
    anna.client.say({ type: 'lobby', enabled: true });
    const ben = await join('ben');
    await ben.next('members-only');
    anna.client.say({ type: 'lobby', enabled: false });
    await ben.next('joined');
  });
});

describe('a lost socket', () => {
  async function lose(how?: 'forget') {
    const [anna, ben] = [await enter('anna'), await login('ben')];
    const { session } = await ben.next('logged-in');
    ben.say({ type: 'join', presence: ben.presence });
    const { id } = await ben.next('joined');
    expect(server.jitsi.drop({ identity: 'ben', ...(how ? { how } : {}) })).toBe(1);
    expect(await ben.closed).toBe(1006);
    return { anna, session, id };
  }

  it('keeps the session: nobody notices, and what came meanwhile is told later', async () => {
    const { anna, session } = await lose();
    await enter('cleo');
    const again = await login('ben', { resume: session });
    expect(await again.next('logged-in')).toEqual({ type: 'logged-in', session, resumed: true });
    expect((await again.next('occupant-joined')).occupant.name).toBe('cleo');
    expect(anna.client.unread).not.toContain('occupant-left');
    expect(entries('jitsi-login').at(-1)).toMatchObject({
      resume: true,
      answer: 'resumed',
      token: { ok: true },
    });
  });

  it('needs a good token to be resumed', async () => {
    const { session } = await lose();
    server.settings.endpoint.mode = 'expired';
    const again = await login('ben', { resume: session });
    const { text } = await again.next('login-failed');
    expect(text).toMatch(/^Not acceptable by exp \(6\d\.0 sec since expired, valid for:/);
    expect(entries('jitsi-login').at(-1)).toMatchObject({
      resume: true,
      token: { ok: false, why: 'expired' },
    });
  });

  it('is forgotten after a while', async () => {
    server.settings.jitsi.sessionHoldMs = 20;
    const { anna, session, id } = await lose();
    expect(await anna.client.next('occupant-left')).toMatchObject({ id });
    const again = await login('ben', { resume: session });
    expect(await again.next('logged-in')).toMatchObject({ resumed: false });
  });

  it('is forgotten at once when that is asked for', async () => {
    const { anna, session, id } = await lose('forget');
    expect(await anna.client.next('occupant-left')).toMatchObject({ id });
    await (await login('ben', { resume: session })).next('logged-in');
    expect(entries('jitsi-login').at(-1)).toMatchObject({ answer: 'item-not-found' });
  });
});

describe('the fault panel', () => {
  it('drops sockets by backend, room and identity', async () => {
    const anna = await enter('anna');
    await enter('ben', { room: 'other' });
    expect(await post('/faults/drop', { backend: 'janus' })).toEqual({ dropped: 0 });
    expect(await post('/faults/drop', { backend: 'jitsi', identity: 'cleo' })).toEqual({ dropped: 0 });
    expect(await post('/faults/drop', { room: 'StandUp' })).toEqual({ dropped: 1 });
    expect(await anna.client.closed).toBe(1006);
    expect(await post('/faults/drop', { backend: 'jitsi', how: 'forget' })).toEqual({ dropped: 1 });
    expect(await post('/faults/drop', { backend: 'jitsi', how: 'ice' })).toMatchObject({ error: 'bad_drop' });
  });

  it('destroys meetings and kicks', async () => {
    const [anna, ben] = [await enter('anna'), await enter('ben')];
    expect(await post('/faults/jitsi', { do: 'kick', identity: 'ben' })).toEqual({ done: 1 });
    await ben.client.next('kicked');
    expect(await post('/faults/jitsi', { do: 'destroy', room: 'standup' })).toEqual({ done: 1 });
    await anna.client.next('destroyed');
    expect(await (await fetch(`${server.url}/rooms`)).json()).toEqual([]);
  });

  it.each([{}, { do: 'explode' }, { do: 'fail' }, { do: 'destroy' }, { do: 'kick', room: 7 }])(
    'refuses %j',
    async (body) => {
      expect(await post('/faults/jitsi', body)).toMatchObject({ error: 'bad_fault' });
    },
  );

  it.each([
    [{ waitForHost: true }, /^jitsi\.waitForHost must be one of lobby, jicofo, false/],
    [{ acceptedIssuers: 'a' }, /^jitsi\.acceptedIssuers must be a list of strings/],
    [{ reloadAfterMs: -1 }, /^jitsi\.reloadAfterMs must be a number, 0 or more, or null/],
    [{ tokenFault: 'bad' }, /^jitsi\.tokenFault must be one of signature/],
  ])('refuses the settings %j', async (jitsi, message) => {
    const before = structuredClone(server.settings);
    expect(await post('/faults', { jitsi })).toEqual({
      error: 'bad_setting',
      message: expect.stringMatching(message),
    });
    expect(server.settings).toEqual(before);
  });

  it('goes back to the settings the server was started with', async () => {
    Object.assign(server.settings.jitsi, { lobby: true, resumption: 'old' });
    await post('/faults/reset', {});
    expect(server.settings.jitsi).toMatchObject({ lobby: false, resumption: 'limbo' });
  });
});
