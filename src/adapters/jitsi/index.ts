/**
 * Meetings on Jitsi.
 *
 * @module room-session/jitsi
 */

import type { RoomAdapter } from '../../adapter.ts';
import { RoomSessionError } from '../../errors.ts';
import { own } from '../../untrusted.ts';
import { loadVendor } from '../load.ts';
import { checkClaims } from './claims.ts';
import { connect, stableMs } from './connect.ts';
import { sendToLogin } from './login.ts';
import type { Meeting } from './meeting.ts';
import { setMuted } from './mute.ts';
import type { JitsiOptions } from './options.ts';
import { announce, post, setDevice, shareScreen } from './people.ts';
import { checkDomain, encodeRoom, scriptUrlOf } from './room-name.ts';
import { fromGlobal, loadScript } from './script.ts';
import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass } from './vendor.ts';

export type { JitsiOptions, JitsiVendorOptions } from './options.ts';
export type {
  JitsiMeetExternalAPI,
  JitsiMeetExternalAPIClass,
  VendorDetail,
  VendorDevice,
  VendorDevices,
  VendorError,
} from './vendor.ts';

/**
 * The adapter for Jitsi Meet and JaaS.
 *
 * @typeParam V - the type of `session.vendor`
 */
export type JitsiAdapter<V extends JitsiMeetExternalAPI = JitsiMeetExternalAPI> = RoomAdapter<V>;

/**
 * Joins meetings on Jitsi Meet and JaaS in the vendor's iframe, by its `JitsiMeetExternalAPI`, which the deployment
 * serves. The frame is there from the join to its end. Rooms are in lower case. The identity is the name shown, unless
 * `userInfo` has one. There are no tracks: pictures and sound stay inside the frame.
 *
 * A running frame takes no new token and needs none: the server checks it when the page logs in. So a call goes on past
 * the token's end. A new frame with a valid token replaces it when the page would log in again with the old one: the
 * token was rejected, the page failed or loads again, the network is back, or the machine is awake. Microphone, camera,
 * name, devices and tile view stay as they were. The participant gets a new id, leaves a breakout room, and knocks again
 * where there is a lobby.
 *
 * While we wait for the host, or in the lobby, the session is `waiting`. A guest who waits (`tokenSource` answered
 * `null`) is asked for a token every 15 s, and let in with it.
 *
 * `session.setMicrophone` and `session.setCamera` resolve when the page has done it, and reject where it did not within
 * 10 s. A page that does not mute is replaced by one that starts muted.
 * `session.kick` asks the page; the server decides.
 *
 * @throws `RoomSessionError` `invalid_argument` for a `domain` that is not a host
 * @example
 * const adapter = jitsi({ domain: 'meet.example.org', parentNode: document.querySelector('#meeting') });
 * const session = new RoomSession({ adapter, tokenSource: tokenEndpoint('/api/room-token') });
 */
export function jitsi<V extends JitsiMeetExternalAPI = JitsiMeetExternalAPI>(
  given: JitsiOptions<V>,
): JitsiAdapter<V> {
  const options = own(given);
  const { domain, tenant, vendor, load, loginUrl } = options;
  checkDomain(domain);
  // Throws at the start of a join, before anything is asked of the server.
  const nameOf = (room: string): string => encodeRoom(room, tenant || undefined);

  const adapter: RoomAdapter<V, Meeting<V>> = {
    name: 'jitsi',
    stableMs,

    async prepare(join) {
      const { signal } = join;
      const roomName = nameOf(join.room);
      join.onEnd(() => sendToLogin(loginUrl, join.room, signal.reason));
      // Before there is a token, nothing is asked of the server, not even the script.
      await join.getToken();
      const url = scriptUrlOf(options, roomName);
      const advice = `Is ${url} there, and does the page's CSP allow it (script-src, frame-src)?`;
      const script = async () => {
        if (!fromGlobal()) await loadScript(url, join);
        return fromGlobal() as JitsiMeetExternalAPIClass<V>;
      };
      const Vendor = await loadVendor(vendor, load ?? script, fromGlobal<V>, advice);
      return {
        options,
        Vendor,
        roomName,
        signal,
        ownIds: new Set(),
        choices: {},
        speaksMs: 0,
        lacksBridge: false,
      };
    },
    connect,
    checkToken: (token, { room }) => checkClaims(token, nameOf(room)),
    setMicrophone: (api, on) => setMuted(api, 'microphone', !on),
    setCamera: (api, on) => setMuted(api, 'camera', !on),

    announce,
    send: (api, { data, to }) => post(api, { data, to }),
    setDevice,
    shareScreen,

    kick(api, participantId) {
      const commands = api.getSupportedCommands?.() ?? [kickCommand];
      if (!commands.includes(kickCommand)) {
        throw new RoomSessionError('invalid_state', 'This meeting cannot remove participants.');
      }
      api.executeCommand(kickCommand, participantId);
    },
  };
  return adapter;
}

const kickCommand = 'kickParticipant';
