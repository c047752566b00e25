import { RoomSessionError } from '../../errors.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { asOurError, idInUseError, isAboutToken, rejectionError, rejectionIn } from './errors.ts';
import { type JanusAdapter, type JanusFrame, type JanusHandle, noSuchSession } from './vendor.ts';

/** How long ICE may be `disconnected` before the connection counts as lost. It may come back by itself. */
const iceGraceMs = 3_000;
/** The pause before another request for the media of one participant: the first one, and the longest. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;

type Joins = Pick<JanusAdapter, 'createPublisher' | 'associate' | 'sendJoin' | 'createSubscriber'>;

/**
 * The vendor's methods that join: our own join, and one for each other participant's media. Each join has a token that is
 * valid then, and a rejection is answered with a new one. The connections of the joins are watched, and closed when the
 * attempt ends.
 */
export function joins(parts: AttemptParts): Joins {
  const { attempt, requests, takenOver } = parts;
  const { own } = takenOver;
  const connections = new Map<JanusHandle, RTCPeerConnection>();
  /** Whose media a connection receives. Our own connection is not in it. */
  const sources = new Map<JanusHandle, string>();

  attempt.onEnd(() => {
    for (const conn of connections.values()) conn.close();
  });

  return {
    async createPublisher() {
      await destroyOldSessions(parts);
      attempt.signal.throwIfAborted();
      return own.createPublisher();
    },

    associate(conn, handle) {
      if (attempt.signal.aborted || handle.id === undefined) {
        // The vendor forgets it.
        conn.close();
        throw new RoomSessionError('connect_failed', 'Janus did not attach the connection.', {
          vendorCode: 'attach',
        });
      }
      connections.set(handle, conn);
      const close = conn.close.bind(conn);
      conn.close = () => {
        if (!connections.delete(handle)) return;
        void requests.whenDone(() => {
          close();
          // The server would keep it, and a thread of its own, for as long as our session lives.
          if (!attempt.signal.aborted) handle.detach().catch(() => {});
        });
      };
      try {
        own.associate(conn, handle);
      } catch (error) {
        close();
        throw error;
      }
      watchConnection(parts, conn, handle, sources);
    },

    async sendJoin(handle, subscribe) {
      if (subscribe.media !== undefined) sources.set(handle, subscribe.media);
      try {
        return await sendJoin(parts, handle, subscribe);
      } catch (error) {
        // The vendor forgets it.
        connections.get(handle)?.close();
        throw error;
      }
    },

    createSubscriber: (id) => createSubscriber(parts, id),
  };
}

/**
 * The server does not notice that the network has changed on our side. Until its timeout the old session would be in the
 * room in place of the new one: the others would not subscribe to us, and a full room would not let us in.
 */
async function destroyOldSessions({ takenOver: { vendor, sessions } }: AttemptParts): Promise<void> {
  const { session } = vendor;
  const destroying = [...sessions].map(async (session_id) => {
    const isGone = await session?.send('destroy', { session_id }).then(
      () => true,
      ({ error }: JanusFrame) => error?.code === noSuchSession,
    );
    if (isGone) sessions.delete(session_id);
  });
  await Promise.all(destroying);
  if (session?.id !== undefined) sessions.add(session.id);
}

/** Ends the attempt where the media connection is lost: our own, or one of a participant who is heard and still there. */
function watchConnection(
  { attempt: { signal }, takenOver: { vendor }, timer, lost }: AttemptParts,
  conn: RTCPeerConnection,
  handle: JanusHandle,
  sources: ReadonlyMap<JanusHandle, string>,
): void {
  const onChange = () => {
    // Firefox has the former since version 113.
    const state = conn.connectionState ?? conn.iceConnectionState;
    const source = sources.get(handle);
    const onLost = () => {
      // One that never came up is asked for again.
      if (source === undefined || vendor.occupants[source]?.handle === handle) lost(`ICE ${state}`);
    };
    timer(`ice ${handle.id}`, iceGraceMs, state === 'disconnected' ? onLost : undefined);
    if (state === 'failed') onLost();
  };
  for (const type of ['connectionstatechange', 'iceconnectionstatechange']) {
    conn.addEventListener(type, onChange, { signal });
  }
}

/** Joins with a valid token, and once more with another one where the server rejects that. */
async function sendJoin(
  { attempt, takenOver: { vendor, own }, hasFixedId }: AttemptParts,
  ...[handle, subscribe]: Parameters<JanusAdapter['sendJoin']>
): ReturnType<JanusAdapter['sendJoin']> {
  let token = await attempt.getToken();
  for (let isLast = !token; ; isLast = true) {
    vendor.setJoinToken(token?.value ?? null);
    const reply = await own.sendJoin(handle, subscribe);
    const rejection = rejectionIn(reply);
    if (rejection === undefined) {
      const { clientId } = vendor;
      // The others would not subscribe to us, and the server may take the one of us for the other.
      const isInUse = clientId !== null && usersIn(reply, attempt.room).includes(clientId);
      if (isInUse && subscribe.media === undefined) throw idInUseError(clientId, hasFixedId);
      return reply;
    }
    if (isLast || !isAboutToken(rejection)) throw rejectionError(rejection, attempt.isReconnect);
    token = await attempt.getToken({ rejected: token, vendorCode: rejection });
  }
}

function usersIn({ plugindata }: JanusFrame, room: string): readonly string[] {
  return plugindata?.data?.response?.users?.[room] ?? [];
}

/**
 * Asks for the media of one participant until they are heard, or leave. The vendor's method does not look at rejections,
 * and asks six times or once.
 */
async function createSubscriber(
  { attempt, takenOver: { vendor, own }, timer }: AttemptParts,
  id: string,
): ReturnType<JanusAdapter['createSubscriber']> {
  const isGone = () => attempt.signal.aborted || !vendor.availableOccupants.includes(id);
  const problem = `No media came from ${id}`;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    let error = new RoomSessionError('connect_failed', `${problem}.`);
    try {
      await attempt.getToken();
      const subscriber = await own.createSubscriber(id, 0);
      if (subscriber || isGone()) return subscriber;
    } catch (reason) {
      if (isGone()) return null;
      error = asOurError(reason, problem);
    }
    attempt.retrying(error, id);
    if (error.code === 'token_denied') return null;
    await new Promise<void>((goOn) => timer(`subscribe ${id}`, pauseMs, goOn));
  }
}
