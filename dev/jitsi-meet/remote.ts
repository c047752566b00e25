import type { RemoteCommand } from '../server/jitsi/messages.ts';

/** What may be done to the page from outside. */
export interface RemoteActions {
  fail(name: string, params: readonly unknown[]): void;
  notify(title: string, description: string): void;
  suspend(): void;
  reload(): void;
  hangUp(): void;
  silence(): void;
  toggle(device: 'audio' | 'video'): void;
  breakout(room: string | null): void;
}

/** Listens to the development server, which makes happen here what happens to real pages. */
export function openRemote(room: string, page: string, name: string, actions: RemoteActions): void {
  const url = new URL('/jitsi/remote', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = new URLSearchParams({ room, page, name }).toString();
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    const command = JSON.parse(String(data)) as RemoteCommand;
    switch (command.do) {
      case 'fail':
        return actions.fail(command.name, command.params);
      case 'notify':
        return actions.notify(command.title, command.description);
      case 'hangup':
        return actions.hangUp();
      case 'toggle':
        return actions.toggle(command.device);
      case 'breakout':
        return actions.breakout(command.room);
      default:
        return actions[command.do]();
    }
  };
}
