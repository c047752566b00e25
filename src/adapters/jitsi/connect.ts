import type { ConnectAttempt, ParticipantInfo, WaitReason } from '../../adapter.ts';
import { callSafely, textIn } from '../../report-error.ts';
import { makeTimers, type Timer } from '../../timers.ts';
import { cut, isId, mostParticipants, own } from '../../untrusted.ts';
import { failure } from '../failure.ts';
import { Door } from './door.ts';
import { type ErrorKind, kindOf, readError, sentence, textOf } from './errors.ts';
import { makeFrame } from './frame.ts';
import { forgetLogin } from './login.ts';
import { LostSocket } from './lost-socket.ts';
import type { Meeting } from './meeting.ts';
import { MuteControl } from './mute.ts';
import { currentDevices, hangUp, removeFrame } from './page.ts';
import { PageLoad } from './page-load.ts';
import { peopleListeners } from './people.ts';
import { Renewal } from './renewal.ts';
import { frameOptions } from './settings.ts';
import type { JitsiMeetExternalAPI, VendorDetail } from './vendor.ts';

/** How long a page that loads again may take to return to the room, in ms. */
const returnLimitMs = 60_000;
/** How long after our own arrival the page may take to name the participants and to open the devices, in ms. */
const completeMs = 2_000;
/** How long a meeting must last until a bridge that was missing is forgotten, in ms. */
export const stableMs = 60_000;

/**
 * Makes one attempt: one frame, with a token that is valid when it is made. The frame keeps that token. It is replaced
 * only when its page is about to log in with an expired token. Expiry alone changes nothing.
 */
export function connect<V extends JitsiMeetExternalAPI>(
  attempt: ConnectAttempt<V>,
  meeting: Meeting<V>,
): void {
  const { domain, onVendor, tokenInQuery } = meeting.options;
  let api: V;
  try {
    api = makeFrame(meeting.Vendor, domain, frameOptions(attempt, meeting), tokenInQuery);
  } catch (error) {
    // Never with the vendor's error, which may quote the frame's address.
    const name = textIn(error, 'name') ?? typeof error;
    const message = `The meeting's frame failed (${name}). Check domain and parentNode.`;
    return attempt.ended('ended', failure(message, name));
  }
  new Frame(attempt, meeting, api).listen();
  void callSafely(onVendor, api);
}

/**
 * How far the page of a frame is.
 *
 * - `loading`: no sign of life yet.
 * - `loaded`: at a first join a person may have to answer for camera and microphone, so there is no deadline.
 * - `returning`: loaded, for a person who was joined or waited before.
 * - `waiting`: a person must do something.
 * - `joined`: in the room.
 * - `left`: the page has left, and needs no hangup.
 */
type Phase = 'loading' | 'loaded' | 'returning' | 'waiting' | 'joined' | 'left';

/** One frame of a meeting, from its start to its removal. */
class Frame<V extends JitsiMeetExternalAPI> {
  readonly #attempt: ConnectAttempt<V>;
  readonly #meeting: Meeting<V>;
  readonly #api: V;
  readonly #mute: MuteControl;
  readonly #renewal: Renewal;
  readonly #door: Door<V>;
  readonly #load: PageLoad<V>;
  readonly #timer: Timer;
  #phase: Phase = 'loading';
  #ownId: string | undefined;
  /** Those whom the page has named since it entered its present room, which may be a breakout room. */
  readonly #others = new Map<string, ParticipantInfo>();

  constructor(attempt: ConnectAttempt<V>, meeting: Meeting<V>, api: V) {
    const { clock, signal } = attempt;
    this.#attempt = attempt;
    this.#meeting = meeting;
    this.#api = api;
    this.#mute = new MuteControl(api, attempt);
    this.#renewal = new Renewal(attempt);
    this.#door = new Door(api, attempt, meeting.options.password);
    // No question to a page that cannot answer: until it is removed, it may send sound that is muted now.
    this.#load = new PageLoad(api, attempt, meeting, () => {
      this.#phase = 'left';
    });
    this.#timer = makeTimers(clock, signal);
  }

  listen(): void {
    const { clock, signal, onEnd, setDeadline } = this.#attempt;
    const { frameTimeoutMs = 20_000 } = this.#meeting.options;
    onEnd((retryInMs) => this.#close(retryInMs));
    const hasCompany = () => this.#phase === 'joined' && this.#others.size > 0;
    const lostSocket = new LostSocket(this.#api, this.#attempt, this.#renewal, hasCompany);
    const others = peopleListeners(this.#api, this.#attempt, this.#timer);
    for (const listeners of [this.#listeners, lostSocket.listeners, others]) {
      for (const [name, listener] of Object.entries(listeners)) {
        this.#api.addListener(name, (detail) => signal.aborted || listener(own(Object(detail))));
      }
    }
    signal.addEventListener(
      'abort',
      clock.onWake((reason) => reason !== 'visible' && this.#renewal.ifExpired()),
    );
    setDeadline(
      frameTimeoutMs,
      'gave no sign of life',
      "Check that the page's CSP allows its frame (frame-src).",
    );
  }

  /** The vendor's events. */
  readonly #listeners: Readonly<Record<string, (detail: VendorDetail) => void>> = {
    browserSupport: () => this.#phase === 'loading' && this.#onLoaded(),
    ready: () => this.#onLoaded(),
    // The lobby's form says it too.
    prejoinScreenLoaded: () => this.#phase !== 'waiting' && this.#wait('prejoin'),
    passwordRequired: () => this.#wait('password'),
    videoConferenceJoined: ({ id }) => this.#onJoined(id),
    // Perhaps for a breakout room, so it is not the end.
    videoConferenceLeft: () => this.#forgetOthers(),
    readyToClose: () => {
      this.#phase = 'left';
      this.#attempt.ended('ended', failure('The meeting was left inside its frame.', 'readyToClose'));
    },
    participantKickedOut: ({ kicked }) => {
      const error = failure('A moderator removed us.', 'participantKickedOut');
      if (kicked?.local) this.#attempt.ended('removed', error);
    },
    participantJoined: ({ id, displayName, formattedDisplayName }) => {
      const isTooMany = this.#others.size >= mostParticipants && !this.#others.has(id);
      if (!isId(id) || isTooMany || this.#meeting.ownIds.has(id)) return;
      const participant = { id, name: cut(displayName) || cut(formattedDisplayName) };
      this.#others.set(id, participant);
      this.#attempt.participantJoined(participant);
    },
    participantLeft: ({ id }) => {
      this.#others.delete(id);
      this.#attempt.participantLeft(id);
    },
    audioMuteStatusChanged: ({ muted }) => this.#mute.told('microphone', muted),
    videoMuteStatusChanged: ({ muted }) => this.#mute.told('camera', muted),
    displayNameChange: ({ id, displayname }) => {
      if (id === this.#ownId && cut(displayname)) this.#meeting.choices.displayName = cut(displayname);
    },
    tileViewChanged: ({ enabled }) => {
      this.#meeting.choices.tileView = enabled === true;
    },
    suspendDetected: () => this.#renewal.ifExpired(),
    notificationTriggered: ({ description }) =>
      description === 'dialog.loginOnResume' && this.#renewal.ifAskedToLogIn(),
    // Wrapped in an object, though documented without.
    errorOccurred: (detail) => {
      const error = readError(detail.error ?? detail);
      this.#errorListeners[kindOf(error, this.#meeting.roomName)](error.name, textOf(error));
    },
  };

  /** What an error of the page does, by its kind. */
  readonly #errorListeners: Readonly<Record<ErrorKind, (name: string, text: string) => void>> = {
    rejected: (name, text) => this.#onRejected(name, text),
    denied: (name, text) => this.#attempt.denied(failure(`${sentence(name, text)}.`, name, 'connect_denied')),
    ended: (name, text) => this.#attempt.ended('ended', failure(`${sentence(name, text)}.`, name)),
    host: () => this.#wait('host'),
    lobby: () => this.#wait('lobby'),
    lost: (name, text) => this.#attempt.lost(sentence(name, text), { vendorCode: name }),
    noBridge: (name, text) => {
      if (!this.#meeting.lacksBridge) this.#errorListeners.lost(name, text);
      else this.#attempt.ended('ended', failure('The deployment has no videobridge. Check its JVB.', name));
      this.#meeting.lacksBridge = true;
    },
    joinFailed: (name, text) => this.#phase !== 'joined' && this.#errorListeners.lost(name, text),
    reconnects: () => this.#renewal.ifExpired(),
    ignored: () => {},
  };

  /** The meeting's page has loaded, for the first time or again. */
  #onLoaded(): void {
    const { isReconnect, reached, reconnecting, setDeadline } = this.#attempt;
    const wasJoined = this.#phase === 'joined';
    const isFirst = this.#phase === 'loading' || this.#phase === 'loaded';
    this.#phase = isFirst && !isReconnect ? 'loaded' : 'returning';
    this.#load.speaks();
    reached();
    this.#mute.loaded();
    this.#forgetOthers();
    if (wasJoined) reconnecting();
    setDeadline(this.#phase === 'returning' ? returnLimitMs : undefined, 'did not return to the room');
    if (wasJoined) this.#renewal.ifExpired();
  }

  /** The page names them again when it enters its next room. */
  #forgetOthers(): void {
    this.#others.clear();
    this.#timer('complete');
  }

  #onJoined(id: unknown): void {
    const { options, choices } = this.#meeting;
    if (!isId(id)) return;
    this.#ownId = id;
    if (this.#meeting.ownIds.size < mostParticipants) this.#meeting.ownIds.add(id);
    this.#phase = 'joined';
    this.#door.opened();
    this.#timer('stable', stableMs, () => {
      this.#meeting.lacksBridge = false;
    });
    this.#timer('complete', completeMs, () => {
      this.#attempt.participants([...this.#others.values()]);
      void this.#rememberDevices();
    });
    if (choices.tileView !== undefined)
      void callSafely(() => this.#api.executeCommand('setTileView', choices.tileView));
    this.#mute.joined();
    this.#attempt.connected(this.#api, id);
    forgetLogin(options.loginUrl);
  }

  /** A token that has ended since its frame was made is no sign that the next one will be rejected. */
  #onRejected(name: string, text: string): void {
    const { token, lost, rejected } = this.#attempt;
    if (token?.isExpired) lost(sentence(name, text), { vendorCode: name });
    else rejected(name, text);
  }

  #wait(reason: WaitReason): void {
    if (this.#phase === 'joined') return;
    this.#phase = 'waiting';
    this.#door.wait(reason);
  }

  /** The page does not say when the person takes another device. */
  async #rememberDevices(): Promise<void> {
    const { choices, signal } = this.#meeting;
    const devices = await currentDevices(this.#api, this.#attempt.clock, signal);
    if (devices) choices.devices = devices;
  }

  /** Removes the frame. Where no other one follows, its page leaves the meeting first. */
  async #close(retryInMs: number | undefined): Promise<void> {
    const isIn = this.#phase === 'joined' || this.#phase === 'waiting';
    if (retryInMs !== undefined && this.#phase === 'joined') await this.#rememberDevices();
    if (isIn && (retryInMs === undefined || this.#meeting.signal.aborted))
      await hangUp(this.#api, this.#attempt.clock);
    await removeFrame(this.#api);
  }
}
