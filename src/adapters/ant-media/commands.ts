import type { ConnectAttempt } from '../../adapter.ts';
import type { Token } from '../../token/jwt.ts';
import { proofOf } from './credentials.ts';
import type { AntMediaOptions } from './options.ts';
import { publishInfo } from './own-info.ts';
import type { WebRTCAdaptor } from './vendor.ts';

/** One of the two commands that ask to be let in: `publish` for our own stream, `play` for the room. */
export interface Command {
  readonly streamId: string;
  /** `asking` for its token, then `asked`: sent and not answered yet. */
  phase: 'idle' | 'asking' | 'asked' | 'accepted';
  /** The newest token that it was sent with. */
  token: Token | undefined;
}

/** Errors about a command without a stream id. Ours have one; `getIceServerConfig` of the vendor's client has none. */
const aboutOthers = ['noStreamNameSpecified', 'no_room_specified'];

/** Both commands of an attempt, and which of them an answer of the server is about. */
export class Commands {
  readonly publish: Command;
  readonly play: Command;

  constructor(me: string, room: string) {
    this.publish = { streamId: me, phase: 'idle', token: undefined };
    this.play = { streamId: room, phase: 'idle', token: undefined };
  }

  /** Whether nothing was asked yet. */
  get areIdle(): boolean {
    return this.publish.phase === 'idle' && this.play.phase === 'idle';
  }

  about(streamId: string): Command | undefined {
    return [this.publish, this.play].find((command) => command.streamId === streamId);
  }

  /** The command that waits for this error. One without a stream id answers the first that waits. */
  answeredBy(definition: string, streamId: string | undefined): Command | undefined {
    if (!streamId && aboutOthers.includes(definition)) return;
    return [this.publish, this.play].find(
      (command) => command.phase === 'asked' && (!streamId || streamId === command.streamId),
    );
  }
}

/** The vendor fills absent arguments. */
const none = undefined;

/** What of the options goes to the server with a command. */
type SentOptions = Pick<AntMediaOptions, 'streamName' | 'metaData' | 'role'>;

/** Asks to play the room. */
export function sendPlay(vendor: WebRTCAdaptor, { streamId, token }: Command, { role }: SentOptions): void {
  const [value, ...subscriber] = proofOf(token);
  vendor.play(streamId, value, none, none, ...subscriber, none, role);
}

/** Asks to publish our own stream into the room. */
export function sendPublish(
  vendor: WebRTCAdaptor,
  { streamId, token }: Command,
  { room, name, me }: Pick<ConnectAttempt, 'room' | 'name' | 'me'>,
  { streamName, metaData, role }: SentOptions,
): void {
  const [value, ...subscriber] = proofOf(token);
  const info = publishInfo(vendor, streamId, me, metaData);
  vendor.publish(streamId, value, ...subscriber, name ?? streamName, room, info, role);
}
