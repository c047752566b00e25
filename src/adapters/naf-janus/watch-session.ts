import type { AttemptParts } from './attempt-parts.ts';
import { rejectionIn } from './errors.ts';
import { type JanusFrame, type JanusSession, type JanusSubscriber, noSuchSession } from './vendor.ts';

/** How long the server may take to answer after a sleep. */
const aliveLimitMs = 3_000;
/** A subscription that ends is followed by the word that its participant leaves, where that is why. */
const leaveGraceMs = 300;
/** A kick comes as a hangup first, and then as a detached handle. */
const hangupGraceMs = 1_000;

/**
 * Watches what the vendor does not watch in its Janus session: the server ended it, does not know it, kicked us, or does
 * not answer.
 */
export function watchSession(parts: AttemptParts): void {
  const { session } = parts.takenOver.vendor;
  if (!session) return;
  for (const [kind, listener] of Object.entries(frameListeners(parts))) session.on(kind, listener);
  guardRequests(parts, session);
  checkAfterWake(parts, session);
}

/** What we do at which frame of the server. */
function frameListeners(parts: AttemptParts): Readonly<Record<string, (frame: JanusFrame) => void>> {
  const { attempt, timer, lost } = parts;
  const { vendor } = parts.takenOver;
  const isOurs = ({ sender }: JanusFrame) => sender === vendor.publisher?.handle.id;
  return {
    timeout: () => lost('session timeout'),
    error({ error, session_id }) {
      // It may be about an old session, which is destroyed.
      const isOurs = session_id === undefined || session_id === vendor.session?.id;
      if (isOurs && error?.code === noSuchSession) lost('no such session');
    },
    hangup(frame) {
      if (isOurs(frame)) timer('hangup', hangupGraceMs, () => lost('hangup'));
      for (const [id, subscriber] of Object.entries(vendor.occupants)) {
        const { handle } = subscriber;
        // It may have come because they leave.
        if (handle.id === frame.sender)
          timer(`hangup ${id}`, leaveGraceMs, () => subscribeAgain(parts, id, subscriber));
      }
    },
    detached(frame) {
      if (isOurs(frame)) attempt.ended('removed');
    },
  };
}

/** Asks again for the media of one participant. networked-aframe keeps their avatar, which comes over our own connection. */
async function subscribeAgain(
  { attempt, takenOver: { vendor }, timer }: AttemptParts,
  id: string,
  old: JanusSubscriber,
): Promise<void> {
  const isCurrent = () => vendor.occupants[id] === old;
  if (!isCurrent()) return;
  timer(`ice ${old.handle.id}`);
  attempt.tracks(id, []);
  old.conn.close();
  const subscriber = await vendor.createSubscriber(id);
  if (!subscriber) return;
  if (!isCurrent()) return subscriber.conn.close();
  vendor.occupants[id] = subscriber;
  vendor.setMediaStream(id, subscriber.mediaStream);
}

/**
 * The vendor makes a peer connection, sends `attach`, and hands the connection over when it has the answer. So `attach`
 * always gets an answer, without a handle where there is none: then `associate` closes the connection. Other requests
 * after the end of the attempt get no answer, because the vendor would start its keepalive again.
 */
function guardRequests({ attempt: { signal }, requests, lost }: AttemptParts, session: JanusSession): void {
  const { send } = session;
  session.send = (kind, frame) =>
    new Promise((resolve, reject) => {
      const withoutHandle = () => resolve({ data: {} });
      const onError = (error: unknown) => {
        if (kind === 'attach') withoutHandle();
        if (kind === 'keepalive') lost('no answer');
        reject(error);
      };
      if (kind === 'attach') {
        if (signal.aborted) withoutHandle();
        signal.addEventListener('abort', withoutHandle);
      }
      if (signal.aborted) return;
      const answer = send.call(session, kind, frame);
      if (kind === 'create' || (frame && 'jsep' in frame)) requests.sent(answer);
      answer.then((reply) => {
        const rejection = isCommand(frame) ? rejectionIn(reply as JanusFrame | undefined) : undefined;
        if (rejection === undefined) resolve(reply);
        // The vendor takes any answer for a success.
        else reject({ error: { reason: rejection } });
      }, onError);
    });
}

/** What the app asks the server to do with a participant. */
function isCommand(frame: { body?: { kind?: string } } = {}): boolean {
  return ['kick', 'block', 'unblock'].includes(frame.body?.kind ?? '');
}

/** A sleep may have ended the connection without a word. */
function checkAfterWake(
  { attempt, takenOver: { vendor }, timer, lost }: AttemptParts,
  session: JanusSession,
): void {
  const stopWaking = attempt.clock.onWake(() => {
    if (!vendor.publisher) return;
    timer('alive', aliveLimitMs, () => lost('no answer'));
    session.send('keepalive').then(
      () => timer('alive'),
      () => {},
    );
  });
  attempt.onEnd(stopWaking);
}
