import type { RoomAdapter } from '../../adapter.ts';
import { RoomSessionError } from '../../errors.ts';
import { loadVendor } from '../load.ts';
import { joinAndStay } from '../stay.ts';
import { showFrame } from './frame.ts';
import { forgetLogin, sendToLogin } from './login.ts';
import type { JitsiOptions } from './options.ts';
import { makePeople } from './people.ts';
import { checkClaims, checkDomain, encodeRoom, scriptUrlOf } from './room-name.ts';
import { fromGlobal, loadScript } from './script.ts';
import type { Kept, Stay } from './stay.ts';
import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass } from './vendor.ts';

export type { JitsiOptions, JitsiVendorOptions } from './options.ts';
export type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass, VendorDevices } from './vendor.ts';

/** The adapter for Jitsi Meet and JaaS. */
export interface JitsiAdapter extends RoomAdapter<JitsiMeetExternalAPI> {
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  kick(participantId: string): Promise<void>;
}

/**
 * Joins meetings on Jitsi Meet and JaaS in the vendor's iframe, by its `JitsiMeetExternalAPI`, which the deployment
 * serves. The frame is there from the join to its end; rooms are in lower case; the identity is the name shown, unless
 * `userInfo` has one. There are no tracks: pictures and sound stay inside the frame.
 *
 * A running frame takes no new token, and needs none: its token is looked at when it logs in. So a call goes on past the
 * token's end, and a new frame with a valid token takes its place when the page would log in again: the token was
 * refused, the page failed or loads itself again, the network is back or the machine awake. Microphone, camera, name,
 * devices and tile view stay as they were; the participant's id is a new one, a breakout room is left, and where there is
 * a lobby we knock again.
 *
 * While the host is awaited, or the lobby lets nobody in, the session is `waiting`. A guest who waits (`tokenSource`
 * answered `null`) is let in with a token as soon as there is one: it is asked again every 15 s.
 *
 * `setMicrophone` and `setCamera` may be called before joining, and hold for the next join, too; in the room they resolve
 * when the page has done it, or after 2 s where it does not. `kick` asks the page; the server says whether we may.
 *
 * @throws `RoomSessionError` `invalid_argument` for a `domain` that is none
 */
export function jitsi(options: JitsiOptions): JitsiAdapter {
  const { domain, tenant, vendor, load, loginUrl } = options ?? {};
  checkDomain(domain);
  const muted: Kept['muted'] = {};
  let over: AbortController | undefined;
  let stay: Stay | undefined;
  let closing: Promise<void> | undefined;

  const withTenant = (room: string): string => (tenant ? `${tenant}/${room}` : room);

  async function setMuted(kind: 'audio' | 'video', off: boolean): Promise<void> {
    muted[kind] = off;
    await stay?.frame?.setMuted(kind, off);
  }

  return {
    name: 'jitsi',
    get vendor() {
      return stay?.frame?.api;
    },

    async connect(context) {
      const room = withTenant(context.room);
      over = new AbortController();
      const signal = AbortSignal.any([context.signal, over.signal]);
      signal.addEventListener('abort', () => sendToLogin(loginUrl, context.room, signal.reason));
      // Not even the script is asked of the server before there is a token.
      await context.getToken({ signal });
      signal.throwIfAborted();
      const url = scriptUrlOf(options, room);
      const advice = `Is ${url} there, and does the page's CSP allow it (script-src, frame-src)?`;
      const script = async () => (fromGlobal() ?? (await loadScript(url))) as JitsiMeetExternalAPIClass;
      const loading = loadVendor(vendor, load ?? script, fromGlobal, advice);
      const Vendor = await new Promise<JitsiMeetExternalAPIClass>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        loading.then(resolve, reject);
      });
      signal.throwIfAborted();
      const people = makePeople(context.report);
      const started: Stay = {
        ...{ context, options, Vendor, people, signal, over },
        roomName: encodeRoom(room),
        kept: { muted },
        stableMs: 60_000,
        attempt: (onOpen, onJoined, onWaiting) => showFrame(started, onOpen, onJoined, onWaiting),
        lose: people.lose,
      };
      stay = started;
      await joinAndStay(started);
      forgetLogin(loginUrl);
    },

    disconnect() {
      over?.abort();
      if (stay?.frame) closing = stay.frame.close();
      stay = undefined;
      return closing;
    },

    updateToken() {
      stay?.frame?.takeToken();
    },

    checkToken({ claims }, { room }) {
      checkClaims(claims, withTenant(room));
    },

    setMicrophone: (on) => setMuted('audio', !on),
    setCamera: (on) => setMuted('video', !on),

    async kick(participantId) {
      const api = stay?.frame?.api;
      const commands = api?.getSupportedCommands?.() ?? [kickCommand];
      if (!api || !commands.includes(kickCommand)) {
        throw new RoomSessionError('invalid_state', 'There is no meeting that can remove somebody.');
      }
      api.executeCommand(kickCommand, participantId);
    },
  };
}

const kickCommand = 'kickParticipant';
