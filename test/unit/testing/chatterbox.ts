import type { RoomAdapter } from '../../../src/index.ts';

/** Joins rooms on a Chatterbox server: one websocket per attempt, a hello with the token, and JSON both ways. */
export function chatterbox(url: string): RoomAdapter<WebSocket> {
  return {
    name: 'chatterbox',
    connect(attempt) {
      const socket = new WebSocket(url);
      attempt.onEnd(() => socket.close());
      socket.onopen = () => socket.send(JSON.stringify({ room: attempt.room, token: attempt.token?.value }));
      socket.onclose = () => attempt.lost('Chatterbox closed the connection');
      socket.onmessage = ({ data }) => {
        const { type, id } = JSON.parse(data);
        if (type === 'rejected') attempt.rejected();
        if (type === 'joined') attempt.participantJoined({ id });
        if (type === 'left') attempt.participantLeft(id);
        if (type === 'welcome') attempt.connected(socket);
      };
    },
  };
}
