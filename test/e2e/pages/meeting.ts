import { RoomSession, type TokenRequest, tokenEndpoint } from 'room-session';
import { type JitsiMeetExternalAPI, type JitsiOptions, jitsi } from 'room-session/jitsi';
import { recordReport } from 'room-session/report';
import { type JoinOutcome, keepEvents, outcomeOf } from './told.ts';

/** What a test asks of the page. */
export interface MeetingOptions {
  readonly identity: string;
  /** What the endpoint is asked for. Default `participant`. */
  readonly role?: 'moderator' | 'participant' | 'guest';
  readonly adapter?: Partial<
    Pick<JitsiOptions, 'domain' | 'autoKnock' | 'password' | 'frameTimeoutMs' | 'configOverwrite'>
  >;
  readonly joinTimeoutMs?: number;
}

/** What is on `window` for the tests. */
export interface MeetingPage {
  /** A session whose frame is in a box of its own. */
  open(options: MeetingOptions): RoomSession<JitsiMeetExternalAPI>;
  /** Opens a session and joins. */
  tryMeeting(room: string, options: MeetingOptions): Promise<JoinOutcome>;
  /** The session opened last. */
  session: RoomSession<JitsiMeetExternalAPI> | undefined;
  events: Record<string, unknown>[];
  /** How many frames there were so far, and how often one of their pages has loaded. */
  frames: number;
  loads: number;
}

function open({ identity, role, adapter = {}, joinTimeoutMs }: MeetingOptions) {
  const box = document.createElement('div');
  box.style.cssText = 'width: 320px; height: 240px';
  document.body.append(box);
  const session = new RoomSession({
    adapter: jitsi({
      domain: `127.0.0.1:${location.port}/jitsi`,
      parentNode: box,
      onVendor: () => {
        page.frames += 1;
      },
      onload: () => {
        page.loads += 1;
      },
      ...adapter,
    }),
    report: recordReport(),
    tokenSource: tokenEndpoint('/token', {
      body: ({ room, identity: who }: TokenRequest) => ({ room, identity: who, backend: 'jitsi', role }),
    }),
    identity,
    joinTimeoutMs,
  });
  keepEvents(session, page.events, identity);
  page.session = session;
  return session;
}

const page = window as unknown as MeetingPage;
Object.assign(page, { open, events: [], frames: 0, loads: 0 });
page.tryMeeting = (room, options) => {
  const session = open(options);
  return outcomeOf(session.join(room), () => session.state);
};
