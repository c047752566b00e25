import { EventEmitter } from 'node:events';
import type { VendorDevices } from '../../../../src/adapters/jitsi/index.ts';
import type { FakeClock } from '../../../../src/testing/index.ts';

/** The options of the vendor's constructor, as far as the fake looks at them. */
interface VendorOptions {
  readonly roomName?: string;
  readonly parentNode?: HTMLElement;
  readonly jwt?: string;
  readonly configOverwrite?: Readonly<Record<string, unknown>>;
  readonly userInfo?: Readonly<Record<string, unknown>>;
  readonly devices?: Readonly<Record<string, unknown>>;
  readonly [name: string]: unknown;
}

/** How the server answers a frame's login. `silent`: not at all. */
export type Login =
  | 'in'
  | 'refused'
  | 'silent'
  | 'waiting-for-host'
  | 'wait-for-owner'
  | 'lobby'
  | 'password'
  | 'prejoin'
  | 'not-allowed';

/**
 * A Jitsi deployment as the vendor's script shows it to the embedding page: `Api` is its `JitsiMeetExternalAPI`, each of
 * whose frames has a page that logs in with the token it was made with, and with no other, ever.
 */
export class FakeMeet {
  readonly clock: FakeClock;
  /** Each frame that was made, oldest first. */
  readonly frames: FakeFrame[] = [];
  /** How it answers a login; default: a token that is not refused is in. */
  login: (jwt: string | undefined) => Login = () => 'in';
  /** The page comes up. */
  loads = true;
  /** The server is away: the browser shows a page of its own. */
  isAway = false;
  /** How long a page takes from its load to its first word, in ms. */
  speaksMs = 0;
  /** The room's. */
  password = 'secret';
  /** The page answers getters; leaves when told to. */
  answers = true;
  leaves = true;
  /** The script is from before May 2024, and writes the token into the query only. */
  isOld = false;
  /** The page can be asked for its connection, as those since 2026 can. */
  hasStats = true;
  /** The others in the room: ids and names. */
  readonly others = new Map<string, string>();
  readonly Api: new (
    domain: string,
    options?: VendorOptions,
  ) => FakeFrame;
  /** The frames that knocked at the lobby, without a person's click. */
  readonly knocks: FakeFrame[] = [];
  #ids = 0;

  constructor(clock: FakeClock) {
    this.clock = clock;
    const server = this;
    this.Api = class extends FakeFrame {
      constructor(domain: string, options: VendorOptions = {}) {
        super(server, domain, options);
      }
    };
  }

  get frame(): FakeFrame {
    const frame = this.frames.at(-1);
    if (!frame) throw new Error('There is no frame.');
    return frame;
  }

  /** The frames that are in the document. */
  get open(): FakeFrame[] {
    return this.frames.filter(({ element }) => element.isConnected);
  }

  nextId(): string {
    return `me${++this.#ids}`;
  }

  join(id: string, displayName = id): void {
    this.others.set(id, displayName);
    for (const frame of this.open) if (frame.hears) frame.say('participantJoined', { id, displayName });
  }

  leave(id: string): void {
    this.others.delete(id);
    for (const frame of this.open) if (frame.hears) frame.say('participantLeft', { id });
  }
}

/** The vendor's object and its page in one: what the page does is in the methods below `executeCommand`. */
export class FakeFrame extends EventEmitter {
  readonly server: FakeMeet;
  readonly domain: string;
  readonly options: VendorOptions;
  element = document.createElement('meeting-frame');
  /** The address, with the token in it twice; what becomes of it is the adapter's affair. */
  _url: string;
  /** Where the frame's window went to. */
  address = '';
  readonly commands: [name: string, ...values: unknown[]][] = [];
  disposals = 0;
  id = '';
  loaded = false;
  inRoom = false;
  /** The app has moved the frame in its page: the object speaks to a window that is gone. */
  isMoved = false;
  /** Its socket is lost for good. */
  isStranded = false;
  /** The others, or the bridge, send it media. */
  hasMedia = true;
  muted: { audio: boolean; video: boolean };
  devices: VendorDevices<{ label: string }> = { audioInput: { label: 'Mic' }, videoInput: { label: 'Cam' } };
  /** The script buffers commands until the page has loaded for the first time. */
  readonly #buffer: (() => void)[] = [];

  constructor(server: FakeMeet, domain: string, options: VendorOptions) {
    super();
    this.server = server;
    this.domain = domain;
    this.options = options;
    const { jwt, roomName = '', lang = 'de' } = options;
    const hash = `#jitsi_meet_external_api_id=0${server.isOld ? '' : `&jwt="${jwt}"`}&userInfo.email=%22a%22`;
    this._url = `https://${domain}/${roomName}?jwt=${jwt}&lang=${lang}${hash}`;
    if (this._createIFrame) this._createIFrame();
    else this.#createFrame();
    const config = options.configOverwrite ?? {};
    this.muted = {
      audio: config['startWithAudioMuted'] === true,
      video: config['startWithVideoMuted'] === true,
    };
    if (!server.hasStats) Object.assign(this, { getConnectionStats: undefined });
    server.frames.push(this);
    queueMicrotask(() => server.loads && this.load());
  }

  get src(): string {
    return this.element.getAttribute('src') ?? '';
  }

  get _frame(): HTMLElement {
    return this.element;
  }

  /** Private to the vendor. */
  _createIFrame?(): void {
    this.#createFrame();
  }

  /** In the place of an iframe, which would load something. */
  #createFrame(): void {
    const replace = (url: string) => {
      this.address = url;
    };
    const setSrc = (url: string) => this.element.setAttribute('src', url);
    Object.defineProperty(this.element, 'src', { set: setSrc });
    setSrc(this._url);
    Object.assign(this.element, { allow: "autoplay; camera ; hid 'none'; speaker-selection *; microphone" });
    const { parentNode = document.body } = this.options;
    parentNode.append(this.element);
    Object.assign(this.element, {
      contentWindow: this.element.isConnected ? { location: { replace } } : null,
    });
  }

  executeCommand(name: string, ...values: unknown[]): void {
    if (this.disposals > 0 || this.isMoved) return;
    if (!this.loaded) {
      this.#buffer.push(() => this.executeCommand(name, ...values));
      return;
    }
    this.commands.push([name, ...values]);
    queueMicrotask(() => this.#obey(name, values));
  }

  getSupportedCommands(): string[] {
    return ['hangup', 'toggleAudio', 'toggleVideo', 'setTileView', 'kickParticipant'];
  }

  getIFrame(): HTMLIFrameElement {
    return this.element as HTMLIFrameElement;
  }

  isAudioMuted(): Promise<boolean> {
    return this.#answer(() => this.muted.audio);
  }

  isVideoMuted(): Promise<boolean> {
    return this.#answer(() => this.muted.video);
  }

  /** Whether what the server says comes through. */
  get hears(): boolean {
    return this.inRoom && !this.isStranded;
  }

  getConnectionStats(): Promise<{ iceConnected: boolean }> {
    return this.#answer(() => ({ iceConnected: this.hasMedia && this.server.others.size > 0 }));
  }

  getCurrentDevices(): Promise<VendorDevices<{ label: string }>> {
    return this.#answer(() => this.devices);
  }

  dispose(): void {
    this.disposals++;
    this.removeAllListeners();
    this.element.remove();
  }

  /** The page says something, as it comes through the script: a copy, and nothing once it is disposed of. */
  say(event: string, detail: object = {}): void {
    if (!this.isMoved) this.emit(event, structuredClone(detail));
  }

  fail(name: string, more: object = {}): void {
    this.say('errorOccurred', { error: { name, type: 'CONFERENCE', isFatal: false, ...more } });
  }

  /** The page loads, for the first time or again, and logs in with the token that it was made with. */
  load(): void {
    if (this.disposals > 0) return;
    this.element.dispatchEvent(new Event('load'));
    if (this.server.isAway) return;
    if (this.server.speaksMs > 0) this.server.clock.setTimer(() => this.#speak(), this.server.speaksMs);
    else this.#speak();
  }

  #speak(): void {
    if (this.disposals > 0) return;
    this.loaded = true;
    this.inRoom = false;
    this.say('browserSupport', { supported: true });
    this.say('ready');
    for (const flush of this.#buffer.splice(0)) flush();
    queueMicrotask(() => this.logIn());
  }

  /** The app moves the frame in its page: the browser loads it anew, in another window. */
  move(): void {
    this.isMoved = true;
    Object.assign(this.element, { contentWindow: {} });
    this.load();
  }

  logIn(): void {
    if (this.disposals > 0) return;
    const { jwt } = this.options;
    const answer = this.server.login(jwt);
    if (answer === 'in') this.enter();
    else if (answer === 'refused') this.refuse();
    else if (answer === 'waiting-for-host') this.fail('conference.connectionError.membersOnly', lobby(true));
    else if (answer === 'lobby') {
      this.fail('conference.connectionError.membersOnly', lobby(false));
      const { autoKnock } = Object(this.options.configOverwrite?.['lobby']);
      if (autoKnock === true) this.server.knocks.push(this);
      else this.say('prejoinScreenLoaded', { id: 'local' });
    } else if (answer === 'password') this.askForPassword();
    else if (answer === 'prejoin') this.say('prejoinScreenLoaded', { id: 'local' });
    else if (answer === 'wait-for-owner')
      this.fail('conference.authenticationRequired', { params: [], recoverable: true });
    else if (answer === 'not-allowed') {
      this.say('notificationTriggered', { title: 'dialog.tokenAuthFailed' });
      const text = 'Room and token mismatched';
      this.fail('conference.connectionError.notAllowed', { params: ['general', text] });
    }
  }

  askForPassword(): void {
    this.say('passwordRequired');
    this.fail('conference.passwordRequired', { recoverable: true });
  }

  refuse(): void {
    const description = 'dialog.tokenAuthFailedWithReasons';
    this.say('notificationTriggered', { title: 'dialog.tokenAuthFailedTitle', description });
    this.fail('connection.passwordRequired', {
      type: 'CONNECTION',
      message: 'Not acceptable by exp (3 sec since expired)',
      credentials: { jid: 'meet.example.org', password: this.options.jwt },
    });
  }

  enter(more: object = {}): void {
    this.id = this.server.nextId();
    // Those who are there are heard of before our own arrival.
    for (const [id, displayName] of this.server.others) this.say('participantJoined', { id, displayName });
    this.inRoom = true;
    const { displayName } = this.options.userInfo ?? {};
    const roomName = this.options.roomName;
    this.say('videoConferenceJoined', { roomName, id: this.id, displayName, breakoutRoom: false, ...more });
  }

  /**
   * The socket is lost after the end of the token, and the page says nothing. The server takes the session out after 62 s.
   * Then the bridge closes its channel; another person hangs up the P2P call 18 s later.
   */
  strand(media: 'p2p' | 'bridge' | 'neither' = 'neither'): void {
    this.isStranded = true;
    const isP2p = media === 'p2p';
    const over = () => {
      this.hasMedia = false;
      if (isP2p) this.say('p2pStatusChanged', { isP2p: false });
      else if (media === 'bridge') this.say('dataChannelClosed', { code: 1006, reason: '' });
    };
    this.server.clock.setTimer(over, isP2p ? 80_000 : 62_000);
  }

  /** The person hangs up, or the page does. */
  hangUp(): void {
    this.inRoom = false;
    this.say('videoConferenceLeft', { roomName: this.options.roomName });
    this.say('readyToClose');
  }

  mute(kind: 'audio' | 'video', muted: boolean): void {
    this.muted[kind] = muted;
    this.say(`${kind}MuteStatusChanged`, { muted });
  }

  #obey(name: string, values: readonly unknown[]): void {
    if (this.disposals > 0) return;
    if (name === 'hangup' && this.server.leaves) this.hangUp();
    else if (name === 'password' && values[0] === this.server.password) this.enter();
    else if (name === 'password') this.askForPassword();
    else if (name === 'toggleAudio') this.mute('audio', !this.muted.audio);
    else if (name === 'toggleVideo') this.mute('video', !this.muted.video);
  }

  #answer<Answer>(answer: () => Answer): Promise<Answer> {
    if (this.disposals > 0) return Promise.reject(new Error('No transport backend defined!'));
    return new Promise((resolve) => {
      // An answer to a script that was disposed of goes nowhere: the promise never settles.
      queueMicrotask(() => {
        if (this.disposals === 0 && this.loaded && !this.isMoved && this.server.answers) resolve(answer());
      });
    });
  }
}

const lobby = (waitsForHost: boolean) => ({
  params: ['lobby.standup@lobby.meet.example.org', waitsForHost],
  recoverable: true,
});
