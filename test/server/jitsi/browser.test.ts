// @vitest-environment node
// Pages that embed meetings by hand, with nothing of this package.
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LogEntry } from '../../../dev/server/event-log.ts';
import { type DevServer, startServer } from '../../../dev/server/server.ts';
import type { JitsiSettings } from '../../../dev/server/settings.ts';
import { contextOptions, launchOptions } from '../../chromium.ts';

type Told = [event: string, payload: Record<string, unknown>];

/** What is used here of the vendor's. */
interface Api {
  on(event: string, listener: (payload: Record<string, unknown>) => void): void;
  executeCommand(name: string, ...values: unknown[]): void;
  dispose(): void;
  getIFrame(): HTMLIFrameElement;
  getSupportedEvents(): string[];
  getNumberOfParticipants(): number;
  getParticipantsInfo(): { displayName?: string }[];
  getCurrentDevices(): Promise<Partial<Record<'audioInput' | 'videoInput', MediaDeviceInfo>>>;
  getConnectionStats(): Promise<unknown>;
  isAudioMuted(): Promise<boolean>;
  isVideoMuted(): Promise<boolean>;
}

declare global {
  interface Window {
    JitsiMeetExternalAPI: new (domain: string, options: object) => Api;
    api: Api;
    told: Told[];
    loads: number;
  }
}

interface Options {
  roomName?: string;
  configOverwrite?: object;
  role?: 'moderator' | 'participant' | 'guest';
}

let server: DevServer;
let browser: Browser;
let contexts: BrowserContext[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  server = await startServer({ vite: false });
  browser = await chromium.launch(await launchOptions());
}, 60_000);
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
  expect(complaints).toEqual([]);
  await fetch(`${server.url}/faults/reset`, { method: 'POST' });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** A page that has the vendor's script, in a browser context of its own. */
async function openPage(): Promise<Page> {
  const context = await browser.newContext({ ...contextOptions, viewport: { width: 800, height: 500 } });
  contexts.push(context);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  // Any page of the server will do: a page that came from elsewhere may not load from this machine.
  await page.goto(`${server.url}/config`);
  await page.setContent('<!doctype html><body style="margin: 0; height: 100vh">');
  await page.addScriptTag({ url: `http://127.0.0.1:${server.port}/jitsi/external_api.js` });
  return page;
}

/** Asks for a token and embeds the meeting; every event is kept. */
async function embed(page: Page, name: string, { role, ...options }: Options = {}): Promise<void> {
  const domain = `127.0.0.1:${server.port}/jitsi`;
  await page.evaluate(
    async ([as, at, askedRole, more]) => {
      const room = more.roomName ?? 'standup';
      const body = JSON.stringify({ room, identity: as, backend: 'jitsi', role: askedRole });
      const answer = (await (await fetch('/token', { method: 'POST', body })).json()) as { token: string };
      window.loads = 0;
      window.told = [];
      const api = new window.JitsiMeetExternalAPI(at, {
        roomName: room,
        parentNode: document.body,
        userInfo: { displayName: as },
        configOverwrite: { prejoinConfig: { enabled: false } },
        onload: () => {
          window.loads += 1;
        },
        ...(answer === null ? {} : { jwt: answer.token }),
        ...more,
      });
      for (const event of api.getSupportedEvents())
        api.on(event, (payload) => window.told.push([event, payload]));
      window.api = api;
    },
    [name, domain, role, options] as const,
  );
}

/** Embeds a meeting in a new page and is in it. */
async function enter(name: string, options?: Options): Promise<Page> {
  const page = await openPage();
  await embed(page, name, options);
  await hears(page, 'videoConferenceJoined');
  return page;
}

/** Waits until an event has come for the n-th time, and gives it. */
async function hears(page: Page, event: string, times = 1): Promise<Record<string, unknown>> {
  try {
    await page.waitForFunction(
      ([name, count]) => window.told.filter(([told]) => told === name).length >= count,
      [event, times] as const,
      { timeout: 8000, polling: 30 },
    );
  } catch {
    throw new Error(`No ${event} (${times}) within 8 s, but ${JSON.stringify(await toldTo(page))}`);
  }
  return (await toldTo(page)).filter(([told]) => told === event)[times - 1]?.[1] ?? {};
}

const toldTo = (page: Page): Promise<Told[]> => page.evaluate(() => window.told);
/** The events since the page was told to forget the earlier ones, without those of the devices. */
/** Without what comes when the media do. */
async function namesTold(page: Page): Promise<string[]> {
  return (await toldTo(page))
    .map(([event]) => event)
    .filter((event) => !event.endsWith('MuteStatusChanged') && event !== 'p2pStatusChanged');
}
const forget = (page: Page): Promise<void> =>
  page.evaluate(() => {
    window.told = [];
  });
const command = (page: Page, ...args: [string, ...unknown[]]): Promise<void> =>
  page.evaluate((all) => window.api.executeCommand(...all), args);
function frameOf(page: Page): Frame {
  const frame = page.frames()[1];
  if (!frame) throw new Error('The page has no frame.');
  return frame;
}

/** Waits until a page hears and sees so many others. */
async function perceives(page: Page, others: number): Promise<void> {
  await frameOf(page).waitForFunction(
    async (count) => {
      const received = Object.values((await window.meeting?.received()) ?? {});
      return received.filter(({ frames, audioBytes }) => frames > 2 && audioBytes > 100).length >= count;
    },
    others,
    { timeout: 8000, polling: 50 },
  );
}

const entries = <Type extends LogEntry['type']>(type: Type, since = 0) =>
  server.log.since(since).filter((entry) => entry.type === type) as Extract<LogEntry, { type: Type }>[];
const set = (settings: Partial<JitsiSettings>): void => void Object.assign(server.settings.jitsi, settings);
const expireTokens = (): void => {
  server.settings.endpoint.mode = 'expired';
};

it('meetings are seen and heard from browser to browser', { timeout: 30_000 }, async () => {
  const anna = await enter('anna', { role: 'moderator' });
  const ben = await enter('ben', { role: 'guest' });
  const cleo = await enter('cleo');
  await Promise.all([anna, ben, cleo].map((page) => perceives(page, 2)));

  expect(frameOf(anna).url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/jitsi\/standup\?jwt=/);
  expect(await frameOf(ben).textContent('header')).toContain('Stand-in for Jitsi Meet');
  expect(await ben.evaluate(() => window.api.getNumberOfParticipants())).toBe(3);
  const names = await ben.evaluate(() => window.api.getParticipantsInfo().map((info) => info.displayName));
  expect(names).toEqual(['ben', 'anna', 'cleo']);
  expect(entries('jitsi-join').map(({ name, token }) => [name, token.ok])).toEqual([
    ['anna', true],
    ['ben', false],
    ['cleo', true],
  ]);

  await cleo.evaluate(() => window.api.dispose());
  await Promise.all([hears(anna, 'participantLeft'), hears(ben, 'participantLeft')]);
  expect(cleo.frames()).toHaveLength(1);
});

describe('the frame', { timeout: 20_000 }, () => {
  it('tells what happens from its first load to the end', async () => {
    const anna = await enter('anna', { role: 'moderator' });
    const { id } = await hears(anna, 'videoConferenceJoined');
    expect(await namesTold(anna)).toEqual([
      'browserSupport',
      'ready',
      'videoConferenceJoined',
      'participantRoleChanged',
    ]);
    expect(await hears(anna, 'videoConferenceJoined')).toEqual({
      roomName: 'standup',
      id,
      displayName: 'anna',
      formattedDisplayName: 'anna (me)',
      avatarURL: '',
      breakoutRoom: false,
      email: '',
      visitor: false,
    });
    const ben = await enter('ben');
    expect(await hears(anna, 'participantJoined')).toMatchObject({ displayName: 'ben' });
    await forget(ben);
    await command(ben, 'hangup');
    await hears(ben, 'readyToClose');
    const told = await toldTo(ben);
    expect(told.filter(([name]) => name !== 'p2pStatusChanged')).toEqual([
      ['videoConferenceLeft', { roomName: 'standup' }],
      ['readyToClose', {}],
    ]);
    await hears(anna, 'participantLeft');
  });

  it('tells when its media begin to flow from person to person, and when they end', async () => {
    const anna = await enter('anna');
    const ben = await enter('ben');
    expect(await hears(anna, 'p2pStatusChanged')).toEqual({ isP2p: true });
    expect(await anna.evaluate(() => window.api.getConnectionStats())).toEqual({ iceConnected: true });
    await command(ben, 'hangup');
    expect(await hears(anna, 'p2pStatusChanged', 2)).toEqual({ isP2p: false });
    expect(await anna.evaluate(() => window.api.getConnectionStats())).toEqual({ iceConnected: false });
  });

  it('obeys the toggles and answers for them', async () => {
    const anna = await enter('anna', {
      configOverwrite: { prejoinConfig: { enabled: false }, startWithAudioMuted: true },
    });
    const ask = () =>
      anna.evaluate(async () => [await window.api.isAudioMuted(), await window.api.isVideoMuted()]);
    expect(await ask()).toEqual([true, false]);
    await hears(anna, 'videoMuteStatusChanged');
    await forget(anna);
    await command(anna, 'toggleAudio');
    await command(anna, 'toggleVideo');
    expect(await hears(anna, 'audioMuteStatusChanged')).toEqual({ muted: false });
    expect(await hears(anna, 'videoMuteStatusChanged')).toEqual({ muted: true });
    expect(await ask()).toEqual([false, true]);
    await command(anna, 'setTileView', false);
    expect(await hears(anna, 'tileViewChanged')).toEqual({ enabled: false });
    await command(anna, 'displayName', 'Anna B');
    expect(await hears(anna, 'displayNameChange')).toMatchObject({ displayname: 'Anna B' });
    const devices = await anna.evaluate(() => window.api.getCurrentDevices());
    expect(devices.audioInput?.label).toMatch(/fake/i);
    expect(devices.videoInput?.label).toMatch(/fake/i);
  });

  it('shows a prejoin page by default, and logs in only from there', async () => {
    const anna = await openPage();
    await embed(anna, 'anna', { configOverwrite: {} });
    expect(await hears(anna, 'prejoinScreenLoaded')).toEqual({
      id: 'local',
      displayName: 'anna',
      formattedDisplayName: 'anna (me)',
    });
    expect(entries('jitsi-login', server.log.last - 1)).toEqual([]);
    await frameOf(anna).click('button:has-text("Join")');
    await hears(anna, 'videoConferenceJoined');
  });

  it('tells a refused token and stays as it is', async () => {
    set({ acceptedAudiences: ['other'] });
    const anna = await openPage();
    await embed(anna, 'anna');
    expect(await hears(anna, 'errorOccurred')).toEqual({
      error: {
        name: 'connection.passwordRequired',
        type: 'CONNECTION',
        message: 'invalid &apos;aud&apos; claim',
        credentials: { jid: 'meet.localhost' },
        isFatal: false,
      },
    });
    expect(await hears(anna, 'notificationTriggered')).toEqual({
      title: 'dialog.tokenAuthFailedTitle',
      description: 'dialog.tokenAuthFailed',
    });
    expect(await namesTold(anna)).toEqual([
      'browserSupport',
      'ready',
      'notificationTriggered',
      'errorOccurred',
    ]);
  });

  it('knows itself that a token is over', async () => {
    expireTokens();
    const anna = await openPage();
    await embed(anna, 'anna');
    const { error } = await hears(anna, 'errorOccurred');
    expect(error).toMatchObject({ message: expect.stringMatching(/^Not acceptable by exp \(6\d\.0 sec/) });
    expect(await hears(anna, 'notificationTriggered')).toMatchObject({
      description: 'dialog.tokenAuthFailedWithReasons',
    });
  });

  it('asks one without a token to log in, where there are no guests', async () => {
    set({ guests: false });
    const ben = await openPage();
    await embed(ben, 'ben', { role: 'guest' });
    expect((await hears(ben, 'errorOccurred'))['error']).toMatchObject({
      name: 'connection.passwordRequired',
      recoverable: true,
      isFatal: false,
    });
    expect(await namesTold(ben)).not.toContain('notificationTriggered');
  });

  it('tells a token for another room after the login', async () => {
    server.settings.tokenRoom = 'other';
    const anna = await openPage();
    await embed(anna, 'anna');
    const { error } = await hears(anna, 'errorOccurred');
    expect(error).toEqual({
      name: 'conference.connectionError.notAllowed',
      type: 'CONFERENCE',
      params: ['general', 'Room and token mismatched'],
      isFatal: false,
    });
  });

  it.each([
    ['lobby', 'conference.connectionError.membersOnly', ['standup@lobby', true], 1],
    ['jicofo', 'conference.authenticationRequired', [], 3],
  ] as const)('waits for the host (%s)', async (waitForHost, name, params, times) => {
    set({ waitForHost, authPollMs: 100 });
    const ben = await openPage();
    await embed(ben, 'ben', { role: 'guest' });
    expect((await hears(ben, 'errorOccurred', times))['error']).toMatchObject({
      name,
      params,
      recoverable: true,
      isFatal: false,
    });
    const host = await enter('host');
    await hears(ben, 'videoConferenceJoined');
    await hears(host, 'participantJoined');
  });

  it('knocks at the lobby, is admitted or rejected', async () => {
    set({ lobby: true });
    const anna = await enter('anna', { role: 'moderator' });
    const ben = await openPage();
    await embed(ben, 'ben');
    const { error } = await hears(ben, 'errorOccurred');
    await hears(ben, 'prejoinScreenLoaded');
    expect(await namesTold(anna)).not.toContain('knockingParticipant');
    await ben.frameLocator('iframe').getByRole('button', { name: 'Ask to Join' }).click();
    expect(error).toMatchObject({ params: ['standup@lobby', false], recoverable: true });
    const { participant } = (await hears(anna, 'knockingParticipant')) as {
      participant: { id: string; name: string };
    };
    expect(participant.name).toBe('ben');
    await command(anna, 'answerKnockingParticipant', participant.id, true);
    await hears(ben, 'videoConferenceJoined');

    const cleo = await openPage();
    await embed(cleo, 'cleo', {
      configOverwrite: { prejoinConfig: { enabled: false }, lobby: { autoKnock: true } },
    });
    await hears(cleo, 'errorOccurred');
    await expect.poll(() => server.jitsi.reject({ identity: 'cleo' })).toBe(1);
    expect((await hears(cleo, 'errorOccurred', 2))['error']).toMatchObject({
      name: 'conference.connectionError.accessDenied',
    });
    expect(await hears(cleo, 'notificationTriggered')).toEqual({
      title: 'lobby.joinRejectedTitle',
      description: 'lobby.joinRejectedMessage',
    });
  });

  it('tells that somebody was kicked, and hangs up if that is itself', async () => {
    set({ duplicateLeft: true });
    const [anna, ben] = [await enter('anna', { role: 'moderator' }), await enter('ben')];
    await forget(ben);
    const { id } = await hears(anna, 'participantJoined');
    await command(anna, 'kickParticipant', id);
    await hears(ben, 'readyToClose');
    expect(await namesTold(ben)).toEqual(['participantKickedOut', 'videoConferenceLeft', 'readyToClose']);
    expect((await hears(ben, 'participantKickedOut'))['kicked']).toEqual({ id, name: 'ben', local: true });
    expect((await hears(anna, 'participantKickedOut'))['kicked']).toMatchObject({ local: false });
    await hears(anna, 'participantLeft', 2);
    expect(await anna.evaluate(() => window.api.getNumberOfParticipants())).toBe(0);
  });

  it('ends with the meeting, or comes back by a new login', async () => {
    const anna = await enter('anna');
    await forget(anna);
    server.jitsi.destroy('standup', { restart: true });
    await hears(anna, 'videoConferenceJoined');
    expect(await namesTold(anna)).toEqual([
      'videoConferenceLeft',
      'videoConferenceJoined',
      'participantRoleChanged',
    ]);
    await forget(anna);
    server.jitsi.destroy('standup', { reason: 'It is over.' });
    await hears(anna, 'readyToClose');
    expect(await namesTold(anna)).toEqual(['errorOccurred', 'videoConferenceLeft', 'readyToClose']);
    expect((await hears(anna, 'errorOccurred'))['error']).toMatchObject({
      name: 'conference.destroyed',
      params: ['It is over.'],
    });
  });

  it('moves to a breakout room and back', async () => {
    const anna = await enter('anna');
    await forget(anna);
    server.jitsi.breakout({ identity: 'anna' });
    expect(await hears(anna, 'videoConferenceJoined')).toMatchObject({ breakoutRoom: true });
    await command(anna, 'joinBreakoutRoom');
    expect(await hears(anna, 'videoConferenceJoined', 2)).toMatchObject({
      breakoutRoom: false,
      roomName: 'standup',
    });
    expect((await namesTold(anna)).filter((event) => event.startsWith('videoConference'))).toEqual([
      'videoConferenceLeft',
      'videoConferenceJoined',
      'videoConferenceLeft',
      'videoConferenceJoined',
    ]);
    expect(await namesTold(anna)).not.toContain('readyToClose');
  });

  it('reloads itself after a fatal error: with its old token, and muted as it was', async () => {
    set({ reloadAfterMs: 100 });
    const anna = await enter('anna');
    const { id } = await hears(anna, 'videoConferenceJoined');
    await command(anna, 'toggleAudio');
    await forget(anna);
    server.jitsi.fail('conference.iceFailed', { identity: 'anna' });
    expect(await hears(anna, 'videoConferenceJoined')).not.toMatchObject({ id });
    expect(await namesTold(anna)).toEqual([
      'errorOccurred',
      'videoConferenceLeft',
      'browserSupport',
      'ready',
      'videoConferenceJoined',
      'participantRoleChanged',
    ]);
    expect(await anna.evaluate(() => window.api.isAudioMuted())).toBe(true);
    expect(await anna.evaluate(() => window.loads)).toBe(2);
    const [before, after] = entries('jitsi-login').slice(-2);
    expect(after?.token.expiresInMs).toBeLessThan(before?.token.expiresInMs ?? 0);
  });

  it('resumes in silence with a good token, and is refused with one that is over', async () => {
    set({ resumeAfterMs: 20, resumption: 'old' });
    const anna = await enter('anna');
    const ben = await enter('ben');
    await forget(anna);
    server.jitsi.drop({ identity: 'anna' });
    await expect.poll(() => entries('jitsi-login').at(-1)).toMatchObject({ resume: true, answer: 'resumed' });
    await passTwoMinutes(anna);
    server.jitsi.drop({ identity: 'anna' });
    await hears(anna, 'errorOccurred');
    expect(await namesTold(anna)).toEqual(['notificationTriggered', 'errorOccurred']);
    expect(await namesTold(ben)).not.toContain('participantLeft');
  });

  it('is in limbo when its socket is lost and its token over', async () => {
    set({ resumeAfterMs: 20, sessionHoldMs: 50 });
    const anna = await enter('anna');
    const ben = await enter('ben');
    await passTwoMinutes(anna);
    await forget(anna);
    server.jitsi.drop({ identity: 'anna' });
    await hears(ben, 'participantLeft');
    expect(await toldTo(anna)).toEqual([]);
    // Only the network's return wakes it.
    await frameOf(anna).evaluate(() => dispatchEvent(new Event('online')));
    await hears(anna, 'errorOccurred');
  });

  it('leaves for the login page where a guest says to be the host', async () => {
    set({ waitForHost: 'lobby', tokenAuthUrl: `${server.url}/config?for={room}` });
    const ben = await openPage();
    // The server still has those of the tests before in their room.
    await embed(ben, 'ben', { role: 'guest', roomName: 'hostless' });
    await hears(ben, 'errorOccurred');
    await ben.frameLocator('iframe').getByRole('button', { name: 'I am the host' }).click();
    await frameOf(ben).waitForURL('**/config?for=hostless');
  });

  it('leaves for the login page as it loads itself again with a token that is over', async () => {
    set({ resumeAfterMs: 20, tokenAuthUrl: `${server.url}/config?for={room}` });
    const anna = await enter('anna');
    await forget(anna);
    await passTwoMinutes(anna);
    server.jitsi.drop();
    expect(await hears(anna, 'notificationTriggered')).toMatchObject({ description: 'dialog.loginOnResume' });
    vi.useRealTimers();
    server.jitsi.reload({ identity: 'anna' });
    await frameOf(anna).waitForURL('**/config?for=standup');
  });

  it('tries a token that is over all the same at its first load, with a login page', async () => {
    set({ tokenAuthUrl: `${server.url}/config?for={room}` });
    expireTokens();
    const ben = await openPage();
    await embed(ben, 'ben');
    await hears(ben, 'errorOccurred');
    expect(frameOf(ben).url()).toContain('/jitsi/standup');
  });

  it('leaves for the login page where a person without a token is refused', async () => {
    set({ guests: false, tokenAuthUrl: `${server.url}/config?for={room}` });
    const cleo = await openPage();
    await embed(cleo, 'cleo', { role: 'guest' });
    await hears(cleo, 'errorOccurred');
    await frameOf(cleo).waitForURL('**/config?for=standup');
  });

  it('is left by dispose without a word, and what was asked of it is never answered', async () => {
    const anna = await enter('anna');
    await forget(anna);
    const outcome = await anna.evaluate(async () => {
      const { api } = window;
      const asked = Promise.race([
        api.getCurrentDevices().then(() => 'answered'),
        new Promise((resolve) => setTimeout(() => resolve('never'), 300)),
      ]);
      api.dispose();
      api.dispose();
      api.executeCommand('toggleAudio');
      const after = await api.isAudioMuted().catch((error: Error) => error.message);
      return { asked: await asked, after, left: document.querySelectorAll('iframe').length };
    });
    expect(outcome).toEqual({ asked: 'never', after: 'No transport backend defined!', left: 0 });
    expect(await toldTo(anna)).toEqual([]);
  });

  it('is one of several on a page, which do not hear each other', async () => {
    const page = await enter('anna');
    const first = await page.evaluateHandle(() => [window.api, window.told] as const);
    await embed(page, 'ben', { roomName: 'other' });
    await hears(page, 'videoConferenceJoined');
    const [ids, rooms] = await page.evaluate(
      ([api, told]) => [
        [api.getIFrame().id, window.api.getIFrame().id],
        [told, window.told].map((all) => all.map(([, { roomName }]) => roomName).filter(Boolean)),
      ],
      first,
    );
    expect(ids).toEqual(['jitsiConferenceFrame0', 'jitsiConferenceFrame1']);
    expect(rooms).toEqual([['standup'], ['other']]);
  });

  it('tells what the server makes it tell', async () => {
    const anna = await enter('anna');
    await forget(anna);
    server.jitsi.notify();
    expect(await hears(anna, 'notificationTriggered')).toEqual({
      title: 'dialog.login',
      description: 'dialog.loginOnResume',
    });
    server.jitsi.suspend();
    await hears(anna, 'suspendDetected');
    server.jitsi.reload();
    await hears(anna, 'videoConferenceJoined');
    server.jitsi.hangUp();
    await hears(anna, 'readyToClose');
  });

  it('may say and answer nothing, from the start or from now on', async () => {
    const anna = await enter('anna');
    server.jitsi.silence();
    await frameOf(anna).waitForSelector('text=answers nothing');
    await forget(anna);
    await command(anna, 'hangup');
    const answered = (page: Page) =>
      page.evaluate(() =>
        Promise.race([
          window.api.isAudioMuted().then(() => true),
          new Promise((resolve) => setTimeout(() => resolve(false), 200)),
        ]),
      );
    expect(await answered(anna)).toBe(false);
    expect(await toldTo(anna)).toEqual([]);

    set({ silent: true });
    const ben = await openPage();
    await embed(ben, 'ben');
    expect(await answered(ben)).toBe(false);
    expect(await toldTo(ben)).toEqual([]);
  });
});

/** For the server, which runs in here, and for a page's frame: longer than tokens last. */
async function passTwoMinutes(page: Page): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
  await frameOf(page).evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 120_000;
  });
}
