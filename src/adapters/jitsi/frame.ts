import type { RoomSessionError } from '../../errors.ts';
import { callSafely } from '../../report-error.ts';
import type { Token } from '../../token/jwt.ts';
import { failure } from '../failure.ts';
import { makeTimers } from '../timers.ts';
import { ask } from './ask.ts';
import { meaningOf, refusal, textOf } from './meanings.ts';
import { labelsOf, openVendor } from './settings.ts';
import type { Stay } from './stay.ts';
import { type MutedKind, makeSwitches } from './switches.ts';
import { closeVendor, type VendorDetail, type VendorError } from './vendor.ts';

/** How long a page that was in the room before may take to be there again once it has loaded. */
const rejoinLimitMs = 60_000;
/** How often a guest who waits is asked for a token again: an endpoint that had none for him may have one now. */
const guestAsksMs = 15_000;
/** How long after our own arrival everybody who is there was said. */
const settleMs = 2_000;

/**
 * One try to be in the room: one frame, with a token that is valid when it is made and stays in it for good. It is
 * given up where its page would log in again with that token after its end; a token that ends harms nobody who is in.
 *
 * @returns what ended it, where another one may help
 * @throws what ended it, where none can
 */
export async function showFrame(
  stay: Stay,
  onOpen: () => void,
  onJoined: () => void,
  onWaiting: (reason: 'host' | 'lobby') => void,
): Promise<RoomSessionError> {
  const { context, options, kept, people } = stay;
  const { clock, report } = context;
  const { frameTimeoutMs = 20_000 } = options;
  const token = await validToken(stay);
  stay.signal.throwIfAborted();

  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const signal = AbortSignal.any([stay.signal, over.signal]);
    const timer = makeTimers(clock, signal);
    let me: string | undefined;
    let open = false;
    let inRoom = false;
    let waiting = false;
    let renewing = false;
    let closed = false;

    async function lose(error: RoomSessionError): Promise<void> {
      if (signal.aborted) return;
      over.abort();
      // The page says nothing when somebody takes another device.
      if (inRoom) await keepDevices();
      if (stay.signal.aborted) return;
      stay.frame = undefined;
      api.dispose();
      resolve(error);
    }
    const fail = (error: RoomSessionError) => {
      over.abort();
      reject(error);
    };
    const end = (reason: 'removed' | 'ended', error: RoomSessionError) => {
      stay.over.abort(error);
      report({ type: 'disconnected', reason, error });
    };
    const startDeadline = (limitMs: number, what: string, advice = '') =>
      timer('deadline', limitMs, () =>
        lose(failure(`The meeting's frame ${what} within ${limitMs / 1000} s.${advice}`)),
      );

    async function keepDevices(): Promise<void> {
      const devices = await ask(() => api.getCurrentDevices(), clock, stay.signal);
      if (devices) kept.devices = labelsOf(devices);
    }

    /** The page will log in again with the token it has: the next frame has a better one, as soon as there is one. */
    function renewIfExpired(): void {
      if (renewing || !token?.isExpired) return;
      renewing = true;
      const renewed = failure("The frame's token has expired; a new frame has a new one.");
      context.getToken({ signal }).then(
        () => lose(renewed),
        () => {
          // Denied or not: the room goes on for as long as the server lets it.
          renewing = false;
        },
      );
    }

    function loaded(): void {
      onOpen();
      open = true;
      timer('deadline');
      // The first time the session has a limit, and a person may have to answer for camera and microphone.
      if (kept.entered) startDeadline(rejoinLimitMs, 'is not back in the room');
    }

    function joined({ id }: VendorDetail): void {
      me = id;
      inRoom = kept.entered = true;
      waiting = false;
      stay.refused = undefined;
      if (!open) onOpen();
      open = true;
      timer('deadline');
      timer('guest');
      onJoined();
      timer('settle', settleMs, () => {
        people.settle();
        keepDevices();
      });
      for (const kind of ['audio', 'video'] as const) {
        const wanted = kept.muted[kind];
        if (wanted !== undefined) switches.turn(kind, wanted);
      }
      if (kept.tileView !== undefined) api.executeCommand('setTileView', kept.tileView);
    }

    function wait(reason: 'host' | 'lobby'): void {
      if (inRoom) return;
      timer('deadline');
      onWaiting(reason);
      if (!token && !waiting) askForToken();
      waiting = kept.entered = true;
    }

    function askForToken(): void {
      timer('guest', guestAsksMs, () => {
        const asked = context.getToken({ fresh: true, signal });
        asked.then((given) => (given ? takeToken() : askForToken())).catch(() => {});
      });
    }

    function takeToken(): void {
      if (!token && waiting) lose(failure('A token came for the guest who waits.'));
    }

    function onError(error: VendorError): void {
      const { name } = error;
      const text = textOf(error);
      const why = text && ` (${text})`;
      const said = (code?: 'connect_denied') => failure(`The meeting says ${name}${why}.`, name, code);
      const meaning = meaningOf(error, stay.roomName);
      if (meaning === 'host' || meaning === 'lobby') wait(meaning);
      else if (meaning === 'refused' && !stay.refused) {
        stay.refused = token ?? null;
        lose(said());
      } else if (meaning === 'refused') {
        const advice = "Check the token's secret, claims and lifetime.";
        fail(failure(`The meeting refused a new token, too${why}. ${advice}`, name, 'connect_denied'));
      } else if (meaning === 'denied') fail(said('connect_denied'));
      else if (meaning === 'terminal') fail(said());
      else if (meaning === 'ended') end('ended', said());
      else if (meaning === 'lost' || (meaning === 'transient' && !inRoom)) lose(said());
      else if (meaning === 'login') renewIfExpired();
    }

    const onMuted = (kind: MutedKind) => (detail: VendorDetail) => {
      switches.heard(kind, detail.muted);
      // Before that it is the page's own doing, such as a camera that is not allowed yet.
      if (inRoom) kept.muted[kind] = detail.muted;
    };

    const events: Record<string, (detail: VendorDetail) => void> = {
      browserSupport: () => open || loaded(),
      ready() {
        if (!inRoom) return loaded();
        // The page was loaded again, by itself or by the person.
        inRoom = false;
        people.lose();
        report({ type: 'reconnecting' });
        loaded();
        renewIfExpired();
      },
      prejoinScreenLoaded: () => timer('deadline'),
      videoConferenceJoined: joined,
      // Perhaps for a breakout room, and so not the end.
      videoConferenceLeft: people.lose,
      readyToClose() {
        closed = true;
        end('ended', failure('The meeting was left inside its frame.', 'readyToClose'));
      },
      participantKickedOut({ kicked }) {
        if (kicked?.local) end('removed', failure('A moderator removed us.', 'participantKickedOut'));
      },
      participantJoined: ({ id, displayName, formattedDisplayName }) =>
        people.join(id, displayName || formattedDisplayName),
      participantLeft: ({ id }) => people.leave(id),
      audioMuteStatusChanged: onMuted('audio'),
      videoMuteStatusChanged: onMuted('video'),
      displayNameChange({ id, displayname }) {
        if (id === me && displayname) kept.displayName = displayname;
      },
      tileViewChanged({ enabled }) {
        kept.tileView = enabled;
      },
      suspendDetected: renewIfExpired,
      notificationTriggered({ description }) {
        if (description === 'dialog.loginOnResume') renewIfExpired();
      },
      // Wrapped, though documented flat.
      errorOccurred: (detail) => onError(Object(detail.error ?? detail)),
    };

    const api = openVendor(stay, token);
    const switches = makeSwitches(api, clock, signal);
    for (const [name, listener] of Object.entries(events)) {
      api.addListener(name, (detail: unknown) => signal.aborted || listener(Object(detail)));
    }
    signal.addEventListener(
      'abort',
      clock.onWake((reason) => reason !== 'visible' && renewIfExpired()),
    );
    startDeadline(frameTimeoutMs, 'gave no sign of life', " Does the page's CSP allow it (frame-src)?");

    stay.frame = {
      ...{ api, takeToken },
      setMuted: async (kind, wanted) => inRoom && switches.turn(kind, wanted),
      close: () => closeVendor(api, (inRoom || waiting) && !closed, clock),
    };
    callSafely(options.onVendor, api);
  });
}

/** @throws `connect_denied` where the meeting wants a token and there is none */
async function validToken({ context, refused, signal }: Stay): Promise<Token | undefined> {
  if (refused === undefined) return context.getToken({ signal });
  const token = await context.getToken(refused ? { rejected: refused, signal } : { fresh: true, signal });
  if (token) return token;
  throw failure('The meeting wants a token, and the token source has none.', refusal, 'connect_denied');
}
