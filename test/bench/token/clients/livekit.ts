import { TokenSource } from 'livekit-client';
import { every5s } from './app.ts';

export const note = 'TokenSource.endpoint; asked every 5 s, since it refreshes when asked';

export function start() {
  const source = TokenSource.endpoint('https://app.example.org/token');
  return every5s(async () => (await source.fetch({ roomName: 'standup' })).participantToken);
}
