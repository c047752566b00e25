import type { ConnectAttempt } from '../../adapter.ts';
import type { TakenOver } from './take-over.ts';
import type { JanusAdapter, JanusSession } from './vendor.ts';

/** How long after it was sent a request counts as under way, in ms. */
const answerMs = 1_000;
/** `WebSocket.OPEN` */
const open = 1;

/** The requests of one attempt that the server must have done before something is closed. */
export interface Requests {
  /** A request was sent; `answer` settles with its answer. */
  sent(answer: Promise<unknown>): void;
  /** Calls `work` when none is under way, at once where that is so now. */
  whenDone(work: () => void): void | Promise<void>;
}

/**
 * Janus may crash where a connection closes while its offer is under way, and it keeps a session that it makes after the
 * socket has closed. So closing waits for the answers, where the socket still brings any.
 */
export function makeRequests({ clock }: ConnectAttempt, { vendor }: TakenOver): Requests {
  /** When each request stops counting, in ms of the monotonic clock. */
  const underWay = new Map<Promise<unknown>, number>();
  /** The vendor forgets it when it disconnects. */
  let ws: WebSocket | null = null;
  return {
    sent(answer) {
      ws = vendor.ws;
      const forget = () => underWay.delete(answer);
      underWay.set(answer, clock.monotonic() + answerMs);
      answer.then(forget, forget);
    },
    whenDone(work) {
      const limitMs = Math.max(0, ...underWay.values()) - clock.monotonic();
      if (ws?.readyState !== open || limitMs <= 0) return work();
      return new Promise<void>((resolve) => {
        const stopWaiting = clock.setTimer(resolve, limitMs);
        void Promise.allSettled(underWay.keys()).then(() => {
          stopWaiting();
          resolve();
        });
      }).then(work);
    },
  };
}

/**
 * Closes the session and its socket when nothing is under way. It names the session, since some servers keep it for a while.
 */
export function closeWhenDone(
  { attempt, requests }: { readonly attempt: ConnectAttempt<JanusAdapter>; readonly requests: Requests },
  vendor: JanusAdapter,
): void {
  const { session, ws } = vendor;
  if (!session || !ws) return;
  const dispose = session.dispose.bind(session);
  const close = ws.close.bind(ws);
  session.dispose = () => void requests.whenDone(dispose);
  ws.close = () =>
    void requests.whenDone(() => {
      const { id } = session;
      if (ws.readyState === open && id !== undefined)
        ws.send(JSON.stringify({ janus: 'destroy', session_id: id, transaction: 'destroy' }));
      close();
    });
  attempt.onEnd(() => {
    // The vendor does not listen any longer.
    ws.addEventListener('message', ({ data }) => receiveAnswer(session, data));
    return requests.whenDone(() => {});
  });
}

/** Only answers pass. The attempt has ended, so the server's other messages have no receiver. */
function receiveAnswer(session: JanusSession, data: string): void {
  const frame = JSON.parse(data);
  if (frame.transaction !== undefined) session.receive(frame);
}
