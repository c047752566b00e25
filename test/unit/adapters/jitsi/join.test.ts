import { expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { type JitsiMeetExternalAPI, jitsi } from '../../../../src/adapters/jitsi/index.ts';
import { RoomSession } from '../../../../src/index.ts';
import { FakeClock } from '../../../../src/testing/index.ts';
import { outcome } from '../../session-stage.ts';
import { type FakeFrame, FakeMeet } from './fake-meet.ts';
import { setUp } from './jitsi-stage.ts';

test('a join resolves when the page says that it is in the room, and not before', async () => {
  const { session, server, pass, states } = setUp();
  server.login = () => 'silent';
  const join = outcome(session.join('standup'));
  await pass(1_000);
  expect(server.open).toHaveLength(1);
  expect(join.done).toBe(false);
  server.frame.enter();
  await pass(0);
  expect(join).toEqual({ done: true });
  expect(states()).toEqual(['connecting', 'connected']);
});

test('a page that says neither ready nor browserSupport, as old ones, is in the room all the same', async () => {
  const { session, server, pass } = setUp();
  server.loads = false;
  const join = session.join('standup');
  await pass(10_000);
  server.frame.loaded = true;
  server.frame.enter();
  await join;
  await pass(60_000);
  expect(server.frames).toHaveLength(1);
});

test('the frame is made with the token, in the parent node, and every option of the vendor’s', async () => {
  const parentNode = document.createElement('div');
  document.body.append(parentNode);
  onTestFinished(() => parentNode.remove());
  const vendorOptions = {
    ...{ parentNode, width: 640, height: '50vh', lang: 'de', release: '1234', e2eeKey: 'aabb' },
    ...{
      interfaceConfigOverwrite: { MOBILE_APP_PROMO: false },
      invitees: [{ id: 'eve' }],
      sandbox: 'allow-scripts',
    },
    ...{ iceServers: { replace: [] }, devices: { audioInput: 'Mic' }, onload: () => {} },
  };
  const { join, server, issued } = setUp({
    adapter: {
      ...vendorOptions,
      configOverwrite: { subject: 'Hello' },
      userInfo: { email: 'ada@example.org' },
    },
    session: { identity: 'Ada' },
  });
  await join();
  const { frame } = server;
  expect(frame.domain).toBe('meet.example.org');
  expect(frame.element.parentNode).toBe(parentNode);
  expect(frame.options).toEqual({
    ...vendorOptions,
    roomName: 'standup',
    jwt: issued[0],
    configOverwrite: {
      subject: 'Hello',
      disableDeepLinking: true,
      prejoinConfig: { enabled: false },
      lobby: { autoKnock: true },
    },
    userInfo: { displayName: 'Ada', email: 'ada@example.org' },
  });
});

test('what the app says in configOverwrite and userInfo goes before ours', async () => {
  const configOverwrite = { prejoinConfig: { enabled: true }, disableDeepLinking: false };
  const { join, server } = setUp({
    adapter: { configOverwrite, userInfo: { displayName: 'Countess' } },
    session: { identity: 'ada-17' },
  });
  await join();
  expect(server.frame.options).toMatchObject({ configOverwrite, userInfo: { displayName: 'Countess' } });
});

test.each([
  ['Stand Up', undefined, 'stand%20up'],
  ['tenant/Room', undefined, 'tenant/room'],
  ['Room', 'vpaas-magic-cookie-1f', 'vpaas-magic-cookie-1f/room'],
])('the room "%s" with tenant %s is %s in the address', async (room, tenant, roomName) => {
  const { join, server } = setUp({ adapter: { tenant }, claims: { room: '*' } });
  await join(room);
  expect(server.frame.options.roomName).toBe(roomName);
});

test('nothing is asked of the server before there is a token', async () => {
  const { session, server, source, pass } = setUp();
  let release: (token: string) => void = () => {};
  source.answer = () =>
    new Promise<string>((resolve) => {
      release = resolve;
    });
  const joined = session.join('standup');
  await pass(5_000);
  expect(server.frames).toEqual([]);
  release('a-token');
  await pass(0);
  await joined;
  expect(server.frame.options.jwt).toBe('a-token');
});

test('a guest joins without a token', async () => {
  const { join, server, source, states } = setUp();
  source.answer = () => null;
  await join();
  expect(server.frame.options.jwt).toBeUndefined();
  expect(states()).toEqual(['connecting', 'connected']);
});

test('a session without a token source is a guest', async () => {
  const { join, server } = setUp({ session: { tokenSource: undefined } });
  await join();
  expect(server.frame.options.jwt).toBeUndefined();
});

test.each([
  ['https://meet.example.org'],
  ['meet.example.org?x'],
  ['meet.example.org#x'],
  ['meet example'],
  [''],
  [undefined],
])('the domain %s is an invalid argument', (domain) => {
  expect(() => jitsi({ domain: domain as string })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
});

test.each([['127.0.0.1:8080/jitsi'], ['meet.example.org/'], ['meet.example.org:8443'], ['[::1]:8443']])(
  'the domain %s is one',
  (domain) => {
    expect(jitsi({ domain }).name).toBe('jitsi');
  },
);

test('a frame that cannot be made is a typed error without its address', async () => {
  const { join, issued, open } = setUp({
    adapter: {
      vendor: class {
        constructor(_domain: string, { jwt }: { jwt: string }) {
          throw new TypeError(`Invalid URL: https://meet.example.org/standup?jwt=${jwt}`);
        }
      } as never,
    },
  });
  const error = await join().catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'connect_failed', vendorCode: 'TypeError' });
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toContain(issued[0]?.slice(0, 20));
  expect(open()).toEqual([]);
});

test('a frame without a sign of life is replaced, and the join fails after the third', async () => {
  const { session, server, pass, open, failures } = setUp({ session: { joinTimeoutMs: 120_000 } });
  server.loads = false;
  const join = outcome(session.join('standup'));
  await pass(20_000);
  expect(failures[0]?.message).toContain('CSP');
  await pass(60_000);
  expect(join.error).toMatchObject({ code: 'connect_failed' });
  expect(server.frames).toHaveLength(3);
  expect(server.frames.map(({ disposals }) => disposals > 0)).toEqual([true, true, true]);
  expect(open()).toEqual([]);
});

test('a join that runs out of time says that the frame is silent', async () => {
  const { session, server, pass } = setUp();
  server.loads = false;
  const join = outcome(session.join('standup'));
  await pass(30_000);
  expect(join.error).toMatchObject({ code: 'connect_timeout' });
  expect(String(join.error)).toContain('no sign of life within 20 s');
});

test('somebody may take their time for the camera prompt of a page that has loaded', async () => {
  const { session, server, pass } = setUp({ session: { joinTimeoutMs: 300_000 } });
  server.login = () => 'silent';
  const join = session.join('standup');
  await pass(250_000);
  server.frame.enter();
  await join;
  expect(server.frames).toHaveLength(1);
});

test('each new API object is told, before its page has loaded, and session.vendor is that one', async () => {
  const told: unknown[] = [];
  const loaded: boolean[] = [];
  const { join, session, server, pass } = setUp({
    adapter: {
      onVendor(api) {
        told.push(api);
        loaded.push(server.frame.loaded);
      },
    },
  });
  await join();
  expect(session.vendor).toBe(server.frame);
  server.frame.fail('conference.iceFailed', { isFatal: true });
  await pass(3_000);
  expect(told).toEqual(server.frames);
  expect(told).toHaveLength(2);
  expect(loaded).toEqual([false, false]);
  expect(session.vendor).toBe(server.frame);
  await session.leave();
  expect(session.vendor).toBeUndefined();
});

test('session.vendor has the type of the app’s class, and of ours without one', () => {
  const { Api } = new FakeMeet(new FakeClock());
  const given = new RoomSession({ adapter: jitsi({ domain: 'meet.example.org', vendor: Api }) });
  expectTypeOf(given.vendor).toEqualTypeOf<FakeFrame | undefined>();
  const loaded = new RoomSession({
    adapter: jitsi({ domain: 'meet.example.org', load: async () => Api, onVendor: ({ muted }) => muted }),
  });
  expectTypeOf(loaded.vendor).toEqualTypeOf<FakeFrame | undefined>();
  const ours = new RoomSession({ adapter: jitsi({ domain: 'meet.example.org' }) });
  expectTypeOf(ours.vendor).toEqualTypeOf<JitsiMeetExternalAPI | undefined>();
  const any: RoomSession[] = [given, loaded, ours];
  expect(any.map(({ vendor }) => vendor)).toEqual([undefined, undefined, undefined]);
});

test('what onVendor throws is reported, never felt', async () => {
  const reports: unknown[] = [];
  vi.stubGlobal('reportError', (error: unknown) => reports.push(error));
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const oops = new Error('Oops.');
  const { join, session } = setUp({
    adapter: {
      onVendor() {
        throw oops;
      },
    },
  });
  await join();
  expect(session.state).toBe('connected');
  expect(reports).toEqual([oops]);
});

test('kick asks the page, where it can', async () => {
  const { join, session, server, pass } = setUp();
  await expect(session.kick('bob')).rejects.toMatchObject({ code: 'invalid_state' });
  await join();
  await session.kick('bob');
  await pass(0);
  expect(server.frame.commands).toContainEqual(['kickParticipant', 'bob']);
  server.frame.getSupportedCommands = () => [];
  await expect(session.kick('bob')).rejects.toMatchObject({ code: 'invalid_state' });
});
