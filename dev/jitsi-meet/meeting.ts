/**
 * The page inside the frame: a stand-in for Jitsi Meet, for the development server. It joins over a small signalling of
 * ours instead of XMPP and sends media straight to the other pages instead of through a bridge; what it tells the host
 * page, and when, is what the vendor's page does.
 */
import type { BreakoutRoom, Presence, ServerMessage } from '../server/jitsi/messages.ts';
import { HostPage, isFatal } from './host-page.ts';
import { Mesh } from './mesh.ts';
import { type Device, OwnMedia } from './own-media.ts';
import { expiryOf, readPageAddress, reloadAddress } from './page-address.ts';
import { openRemote } from './remote.ts';
import { answerRequest, roomsById } from './requests.ts';
import { knownSettings, readSettings } from './settings.ts';
import { View } from './view.ts';
import { Xmpp } from './xmpp.ts';

const [shortestMs, longestMs] = [10_000, 30_000];

export class Meeting {
  readonly #address = readPageAddress(location);
  readonly #openedAs = location.href;
  readonly #page = crypto.randomUUID();
  readonly #host = new HostPage(this.#address.apiId);
  readonly #view: View;
  readonly #xmpp: Xmpp;
  readonly #mesh: Mesh;
  readonly #own: OwnMedia;
  #name: string;
  #id: string | undefined;
  #roomName: string;
  #rooms: readonly BreakoutRoom[] = [];
  #tileView = true;
  #isP2p = false;
  #ended = false;
  /** What is done later, if nothing comes between. */
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const { displayName, audioMuted, videoMuted, path, devices } = this.#address;
    this.#name = displayName;
    this.#roomName = decodeURIComponent(path.split('/').at(-1) ?? '').toLowerCase();
    this.#view = new View(this.#roomName, {
      toggleAudio: () => this.#toggle('audio'),
      toggleVideo: () => this.#toggle('video'),
      toggleTileView: () => this.#setTileView(!this.#tileView),
      hangUp: () => this.#hangUp(),
      move: (room) => this.#move(room),
      answerKnock: (id, admitted) => this.#xmpp.send({ type: 'admit', id, admitted }),
    });
    this.#mesh = new Mesh(
      (to, data) => this.#xmpp.send({ type: 'signal', to, data }),
      (from, stream) => this.#view.showStream(from, stream),
      () => this.#tellP2p(),
    );
    this.#xmpp = new Xmpp(this.#address, this.#page, () => this.#name, {
      loggedIn: () => this.#join(),
      refused: (text) => void this.#refused(text),
      broken: (wasConnected) => void this.#fail(`connection.${wasConnected ? 'dropped' : 'other'}Error`),
      stranded: ({ tokenAuthUrl }) => {
        if (tokenAuthUrl !== null) this.#notify('dialog.login', 'dialog.loginOnResume');
      },
      message: (message) => this.#receive(message),
    });
    this.#own = new OwnMedia(devices, { audio: audioMuted, video: videoMuted }, (stream) => {
      this.#mesh.setMedia(stream);
      this.#showSelf();
      for (const device of ['audio', 'video'] as const) this.#tellMuted(device);
    });
    this.#host.onCommand((name, args) => this.#obey(name, args));
    this.#host.onRequest((request) =>
      answerRequest(request, {
        own: this.#own,
        session: this.#xmpp.session,
        rooms: this.#rooms,
        iceConnected: this.#mesh.isConnected,
      }),
    );
    openRemote(this.#address.path, this.#page, displayName, {
      fail: (name, params) => void this.#fail(name, params),
      notify: (title, description) => this.#notify(title, description),
      suspend: () => this.#suspend(),
      reload: () => this.#reload(),
      hangUp: () => this.#hangUp(),
      silence: () => this.#silence(),
      toggle: (device) => this.#toggle(device),
      breakout: (room) => this.#move(room),
    });
    addEventListener('pagehide', () => void this.#xmpp.close(4001));
    this.#start();
  }

  /** What has come of each other participant, for tests. */
  received(): ReturnType<Mesh['received']> {
    return this.#mesh.received();
  }

  #start(): void {
    this.#showSelf();
    this.#host.tell('browser-support', { supported: true });
    this.#host.tell('ready');
    if (!this.#address.prejoin) return this.#xmpp.connect();
    this.#view.showPrejoin(this.#name, (name) => {
      if (name) this.#setName(name);
      this.#view.showCard(undefined);
      this.#xmpp.connect();
    });
    const name = this.#name;
    this.#host.tell('prejoin-screen-loaded', {
      id: 'local',
      displayName: name,
      formattedDisplayName: withMe(name),
    });
  }

  #join(password?: string): void {
    this.#xmpp.send({ type: 'join', presence: this.#presence, ...(password !== undefined && { password }) });
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'joined':
        return this.#joined(message);
      case 'join-failed':
        this.#host.tellNotification('dialog.tokenAuthFailedTitle', 'dialog.tokenAuthFailed');
        this.#host.tellError('conference.connectionError.notAllowed', {
          params: [message.authType, message.text],
        });
        this.#view.showCard({ title: 'You may not enter this room', text: message.text });
        return;
      case 'members-only': {
        const params = [message.lobby, message.waitForHost];
        this.#host.tellError('conference.connectionError.membersOnly', { params, recoverable: true });
        if (message.waitForHost) this.#showWaitingForHost();
        else if (this.#address.autoKnock) this.#knock();
        else this.#showLobbyForm();
        return;
      }
      case 'password-required':
        this.#host.tell('password-required');
        this.#host.tellError('conference.passwordRequired', { recoverable: true });
        return this.#view.showPassword((password) => this.#join(password));
      case 'no-bridge':
        return void this.#fail('conference.videobridgeNotAvailable');
      case 'authentication-required':
        return void this.#awaitModerator();
      case 'rejected':
        this.#host.tellError('conference.connectionError.accessDenied');
        this.#host.tellNotification('lobby.joinRejectedTitle', 'lobby.joinRejectedMessage');
        this.#view.showCard({ title: 'You were not let in', text: 'A moderator has rejected your request.' });
        return;
      case 'occupant-joined':
        return this.#occupantJoined(message.occupant);
      case 'occupant-changed':
        this.#view.showOccupant(message.occupant);
        return;
      case 'occupant-left':
        this.#mesh.drop(message.id);
        this.#view.removeOccupant(message.id);
        for (let left = message.twice ? 2 : 1; left > 0; left -= 1)
          this.#host.tell('participant-left', { id: message.id });
        return;
      case 'signal':
        return this.#mesh.receive(message.from, message.data);
      case 'kicked': {
        const local = message.kicked.id === this.#id;
        const { kicked, kicker } = message;
        this.#host.tell('participant-kicked-out', { kicked: { ...kicked, local }, kicker });
        if (local) this.#hangUp();
        return;
      }
      case 'knocking':
        this.#host.tell('knocking-participant', { participant: message.person });
        this.#view.showKnock(message.person);
        return;
      case 'breakouts':
        this.#rooms = message.rooms;
        this.#host.tell('breakout-rooms-updated', { rooms: roomsById(message.rooms) });
        this.#view.showRooms(message.rooms, this.#roomName);
        return;
      case 'destroyed':
        return this.#destroyed(message.reason, message.sameRoom);
    }
  }

  #joined({ id, role, room, breakout, occupants }: Extract<ServerMessage, { type: 'joined' }>): void {
    clearTimeout(this.#later);
    this.#view.showCard(undefined);
    this.#id = id;
    this.#roomName = decodeURIComponent(room);
    const name = this.#name;
    this.#host.tell('video-conference-joined', {
      roomName: this.#roomName,
      id,
      displayName: name,
      formattedDisplayName: withMe(name),
      avatarURL: '',
      breakoutRoom: breakout,
      email: this.#address.email,
      visitor: false,
    });
    this.#host.tell('participant-role-changed', { id, role });
    this.#view.showRooms(this.#rooms, this.#roomName);
    for (const occupant of occupants) {
      this.#occupantJoined(occupant);
      this.#mesh.call(occupant.id);
    }
  }

  #occupantJoined(occupant: Extract<ServerMessage, { type: 'occupant-joined' }>['occupant']): void {
    const { id, name, role } = occupant;
    this.#view.showOccupant(occupant);
    this.#host.tell('participant-joined', {
      id,
      displayName: name,
      formattedDisplayName: name,
      userContext: {},
    });
    if (role === 'moderator') this.#host.tell('participant-role-changed', { id, role });
  }

  /** The login was refused; the page stays as it is, and nothing more is told. */
  async #refused(text: string | null): Promise<void> {
    const { jwt } = this.#address;
    const { domain, tokenAuthUrl } = await readSettings();
    const credentials = { jid: domain };
    this.#view.showCard({
      title: 'You need to log in',
      text: jwt ? 'Your token was refused.' : 'This meeting needs a token.',
    });
    if (jwt) {
      const { notBefore, expires } = expiryOf(jwt);
      const isReasonKnown = Date.now() < notBefore || Date.now() >= expires;
      const description = `dialog.tokenAuthFailed${isReasonKnown ? 'WithReasons' : ''}`;
      this.#notify('dialog.tokenAuthFailedTitle', description);
      this.#host.tellError('connection.passwordRequired', { message: text, credentials });
      return;
    }
    this.#host.tellError('connection.passwordRequired', { message: text, credentials, recoverable: true });
    if (tokenAuthUrl !== null) this.#logIn(tokenAuthUrl);
  }

  /**
   * Leaves the frame to the deployment's login page. The real page takes seconds to load, so what it tells before this has
   * long been heard; ours waits for that.
   */
  #logIn(tokenAuthUrl: string): void {
    const address = tokenAuthUrl.replace('{room}', encodeURIComponent(this.#roomName));
    this.#later = setTimeout(() => location.assign(address), 500);
  }

  async #awaitModerator(): Promise<void> {
    this.#host.tellError('conference.authenticationRequired', { recoverable: true });
    this.#view.showCard({
      title: 'Waiting for a moderator',
      text: 'The meeting has not begun: the page asks again every few seconds.',
      actions: [{ label: 'Cancel', run: () => this.#cancel() }],
    });
    const { authPollMs } = await readSettings();
    this.#later = setTimeout(() => this.#join(), authPollMs);
  }

  /** The button is there for guests, and goes to the deployment's login page. */
  #showWaitingForHost(): void {
    const { tokenAuthUrl } = knownSettings();
    const isHost = { label: 'I am the host', run: () => tokenAuthUrl !== null && this.#logIn(tokenAuthUrl) };
    const cancel = { label: 'Cancel', run: () => this.#cancel() };
    const actions = this.#address.jwt ? [cancel] : [isHost, cancel];
    this.#view.showCard({
      title: 'Waiting for the host',
      text: 'You come in when the host is here.',
      actions,
    });
  }

  #showWaiting(title: string, text: string): void {
    this.#view.showCard({ title, text, actions: [{ label: 'Cancel', run: () => this.#cancel() }] });
  }

  /** Moderators hear nothing before the person has pressed the button. */
  #showLobbyForm(): void {
    const name = this.#name;
    const tell = { id: 'local', displayName: name, formattedDisplayName: withMe(name) };
    this.#host.tell('prejoin-screen-loaded', tell);
    const actions = [{ label: 'Ask to Join', run: () => this.#knock(), primary: true }];
    this.#view.showCard({ title: 'Ask to join', text: 'This meeting has a lobby.', actions });
  }

  #knock(): void {
    this.#xmpp.send({ type: 'knock' });
    this.#showWaiting('Asking to join', 'You come in when a moderator admits you.');
  }

  #cancel(): void {
    void this.#endAndClose();
  }

  /** An error, and after a fatal one the countdown to the reload. */
  async #fail(name: string, params: readonly unknown[] = []): Promise<void> {
    this.#host.tellError(name, { params });
    if (name === 'conference.passwordRequired') this.#host.tell('password-required');
    if (!isFatal(name)) return;
    const { reloadAfterMs } = await readSettings();
    const ms = reloadAfterMs ?? shortestMs + Math.random() * (longestMs - shortestMs);
    this.#view.showCard({
      title: 'Something went wrong',
      text: `${name}: the page reloads itself in ${Math.ceil(ms / 1000)} s.`,
      actions: [{ label: 'Reload now', run: () => this.#reload(), primary: true }],
    });
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#reload(), ms);
  }

  #reload(): void {
    if (this.#ended) return;
    const { tokenAuthUrl } = knownSettings();
    if (tokenAuthUrl !== null && Date.now() >= expiryOf(this.#address.jwt).expires)
      return this.#logIn(tokenAuthUrl);
    this.#left();
    const { audioMuted, videoMuted } = this.#presence;
    history.replaceState(null, '', reloadAddress(this.#openedAs, audioMuted, videoMuted));
    void this.#end();
    location.reload();
  }

  #left(): void {
    this.#host.tell('video-conference-left', { roomName: this.#roomName });
    this.#mesh.close();
    this.#view.removeOccupants();
  }

  #hangUp(): void {
    if (this.#ended) return;
    this.#left();
    void this.#endAndClose();
  }

  #destroyed(reason: string, sameRoom: boolean): void {
    if (sameRoom) {
      this.#left();
      return this.#xmpp.connect();
    }
    this.#host.tellError('conference.destroyed', { params: [reason] });
    this.#hangUp();
  }

  /** Leaves for good, without a word to the host page; resolves when the server knows. */
  #end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#later);
    const left = this.#xmpp.close();
    this.#mesh.close();
    this.#own.stop();
    this.#view.showEnd();
    return left;
  }

  /** The host page may take the frame away as soon as it hears this, and everything in it that is still under way. */
  async #endAndClose(): Promise<void> {
    await this.#end();
    this.#host.tell('video-ready-to-close');
  }

  #move(room: string | null): void {
    this.#left();
    this.#xmpp.send({ type: 'breakout', room });
  }

  /** The machine has slept: its tracks are gone. */
  #suspend(): void {
    this.#own.stop();
    this.#host.tell('suspend-detected');
    this.#view.showCard({
      title: 'Your device was asleep',
      text: 'Camera and microphone have stopped.',
      actions: [{ label: 'Rejoin', run: () => this.#reload(), primary: true }],
    });
  }

  #silence(): void {
    this.#host.close();
    this.#view.showNotice('This frame answers nothing any more.');
  }

  #notify(title: string, description: string): void {
    this.#host.tellNotification(title, description);
    this.#view.showNotice(description);
  }

  #toggle(device: Device): void {
    this.#own.toggle(device);
    this.#tellPresence();
    this.#tellMuted(device);
  }

  /** Media between two people go straight from one to the other. */
  #tellP2p(): void {
    const { isP2p } = this.#mesh;
    if (isP2p === this.#isP2p) return;
    this.#isP2p = isP2p;
    this.#host.tell('p2p-status-changed', { isP2p });
  }

  #tellMuted(device: Device): void {
    this.#host.tell(`${device}-mute-status-changed`, { muted: this.#own.isMuted(device) });
  }

  #setName(name: string): void {
    this.#name = name;
    this.#tellPresence();
    this.#host.tell('display-name-change', {
      id: this.#id ?? 'local',
      displayname: name,
      formattedDisplayName: withMe(name),
    });
  }

  #setTileView(enabled: boolean): void {
    this.#tileView = enabled;
    this.#view.showTileView(enabled);
    this.#host.tell('tile-view-changed', { enabled });
  }

  get #presence(): Presence {
    return {
      name: this.#name,
      audioMuted: this.#own.isMuted('audio'),
      videoMuted: this.#own.isMuted('video'),
    };
  }

  #tellPresence(): void {
    this.#showSelf();
    this.#xmpp.send({ type: 'presence', presence: this.#presence });
  }

  #showSelf(): void {
    this.#view.showSelf(this.#own.stream, this.#presence);
  }

  #obey(name: string, [first, second]: readonly unknown[]): void {
    switch (name) {
      case 'toggle-audio':
        return this.#toggle('audio');
      case 'toggle-video':
        return this.#toggle('video');
      case 'video-hangup':
        return this.#hangUp();
      case 'display-name':
        return this.#setName(String(first));
      case 'password':
        return this.#join(String(first));
      case 'set-tile-view':
        return this.#setTileView(first === true);
      case 'toggle-tile-view':
        return this.#setTileView(!this.#tileView);
      case 'subject':
        return this.#host.tell('subject-change', { subject: String(first) });
      case 'toggle-lobby':
        return this.#xmpp.send({ type: 'lobby', enabled: first === true });
      case 'answer-knocking-participant':
        return this.#xmpp.send({ type: 'admit', id: String(first), admitted: second === true });
      case 'kick-participant':
        return this.#xmpp.send({ type: 'kick', id: String(first) });
      case 'add-breakout-room':
        return this.#xmpp.send({ type: 'add-breakout', name: String(first ?? 'Breakout room') });
      case 'join-breakout-room': {
        const main = this.#rooms.find(({ isMainRoom }) => isMainRoom)?.id;
        return this.#move(first === undefined || first === main ? null : String(first));
      }
      case 'end-conference':
        return this.#xmpp.send({ type: 'end' });
    }
  }
}

const withMe = (name: string): string => (name ? `${name} (me)` : 'me');

declare global {
  interface Window {
    /** For tests and for playing with it in the console. */
    meeting?: Meeting;
  }
}

window.meeting = new Meeting();
