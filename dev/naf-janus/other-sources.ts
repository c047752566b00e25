/** Token sources that are no HTTP endpoint: each is a function, called for each attempt. For reading; no page uses it. */
import { TokenError, type TokenSource } from 'room-session';

/** A GraphQL query. */
export const fromGraphql: TokenSource = async ({ room, signal }) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'query ($room: String!) { roomToken(room: $room) { token expiresIn } }',
      variables: { room },
    }),
    signal,
  });
  const { data, errors } = await response.json();
  // Whatever else is thrown is asked again.
  if (errors?.[0]?.extensions?.code === 'FORBIDDEN')
    throw new TokenError('token_denied', `No token for the room "${room}".`);
  return data.roomToken;
};

/** A channel that is open anyway, such as Phoenix' or Socket.IO's: it answers a request by its number. */
export const fromSocket =
  (socket: WebSocket): TokenSource =>
  ({ room, signal }) =>
    new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      const onMessage = ({ data }: MessageEvent) => {
        const answer = JSON.parse(data);
        if (answer.id !== id) return;
        socket.removeEventListener('message', onMessage);
        resolve(answer.token);
      };
      socket.addEventListener('message', onMessage, { signal });
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      socket.send(JSON.stringify({ id, ask: 'room-token', room }));
    });
