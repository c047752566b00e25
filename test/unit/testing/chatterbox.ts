import { type ConnectContext, type RoomAdapter, RoomSessionError } from '../../../src/index.ts';

/** Joins rooms on a Chatterbox server: one websocket per stay, a hello with the token, and JSON both ways. */
export function chatterbox(url: string): RoomAdapter<WebSocket> {
  let socket: WebSocket | undefined;

  /** Opens a socket and says hello; false where the token is refused. */
  const hello = ({ room, signal, report }: ConnectContext, token: string | undefined, onLost: () => void) =>
    new Promise<boolean>((resolve, reject) => {
      // Left since the token arrived: nobody would close what is opened now.
      signal.throwIfAborted();
      const own = new WebSocket(url);
      socket = own;
      signal.addEventListener('abort', () => [own.close(), reject(signal.reason)], { once: true });
      own.onopen = () => own.send(JSON.stringify({ room, token }));
      own.onmessage = ({ data }) => {
        const { type, id } = JSON.parse(data);
        if (type === 'came') report({ type: 'participantJoined', participant: { id } });
        else if (type === 'left') report({ type: 'participantLeft', participant: { id } });
        else resolve(type === 'welcome');
        if (type === 'welcome') own.onclose = () => signal.aborted || onLost();
      };
      own.onclose = () => reject(new RoomSessionError('connect_failed', 'Chatterbox closed the socket.'));
    });

  /** A valid token right before each hello, and another one after a refusal, once. */
  async function enter(context: ConnectContext): Promise<void> {
    const onLost = () => void comeBack(context);
    const token = await context.getToken();
    if (await hello(context, token?.value, onLost)) return;
    socket?.close();
    const another = await context.getToken({ rejected: token });
    if (await hello(context, another?.value, onLost)) return;
    throw new RoomSessionError('connect_denied', 'Chatterbox refused a new token too.');
  }

  async function comeBack(context: ConnectContext): Promise<void> {
    const { signal, clock, report } = context;
    report({ type: 'reconnecting' });
    for (let pauseMs = 250; !signal.aborted; pauseMs = Math.min(pauseMs * 2, 10_000)) {
      try {
        await enter(context);
        return report({ type: 'connected' });
      } catch (error) {
        const denied = error instanceof RoomSessionError && /denied/.test(error.code);
        if (denied) return report({ type: 'disconnected', reason: 'denied', error });
      }
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(resolve, pauseMs);
        signal.addEventListener('abort', () => [cancel(), resolve()], { once: true });
      });
    }
  }

  return {
    name: 'chatterbox',
    get vendor() {
      return socket;
    },
    connect: enter,
    disconnect() {
      socket?.close();
      socket = undefined;
    },
  };
}
