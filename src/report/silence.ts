import type { Participant } from '../adapter.ts';
import type { SilenceReason } from '../events.ts';
import type { RecordedSession } from '../recorder.ts';
import { connectionsOf } from './media.ts';
import type { MediaLine } from './media-line.ts';

/** Why our own microphone is not heard, for a reason that is not the person's. */
export function ownSilence(
  session: RecordedSession,
  lines: readonly MediaLine[],
  before: readonly MediaLine[],
): SilenceReason | undefined {
  const { stream, wishes } = session.media;
  const tracks = stream?.getTracks().filter(({ kind }) => kind === 'audio') ?? [];
  const [first] = tracks;
  if (!first || wishes.microphone === false || tracks.every(({ enabled }) => !enabled)) return undefined;
  if (tracks.every(({ readyState }) => readyState === 'ended')) return 'ended';
  if (tracks.every(({ muted }) => muted)) return 'systemMuted';
  const connections = connectionsOf(session);
  if (connections.length === 0) return undefined;
  const sent = connections.flatMap((connection) => connection.getSenders().map(({ track }) => track));
  if (!tracks.some((track) => sent.includes(track))) return 'replaced';
  const isOwn = ({ direction, kind }: MediaLine) => direction === 'sends' && kind === 'audio';
  return stands(lines.filter(isOwn), before.filter(isOwn)) ? 'noPackets' : undefined;
}

/** Why a participant is not heard here, for a reason that is not theirs. */
export function silenceOf(
  { id, microphone }: Participant,
  { view }: RecordedSession,
  lines: readonly MediaLine[],
  before: readonly MediaLine[],
): SilenceReason | undefined {
  if (microphone === false) return undefined;
  const tracks = view.tracks.filter(
    ({ participantId, track }) => participantId === id && track.kind === 'audio',
  );
  if (tracks.length === 0) {
    const failure = view.failures.get(id);
    if (failure) return /denied|^token_/.test(failure.code) ? 'denied' : 'notSubscribed';
    return microphone ? 'notSubscribed' : undefined;
  }
  if (tracks.every(({ track }) => track.readyState === 'ended')) return 'ended';
  const isTheirs = ({ participantId, direction, kind }: MediaLine) =>
    participantId === id && direction === 'receives' && kind === 'audio';
  return stands(lines.filter(isTheirs), before.filter(isTheirs)) ? 'noPackets' : undefined;
}

/** Whether nothing flowed between two looks. */
function stands(lines: readonly MediaLine[], before: readonly MediaLine[]): boolean {
  const sum = (all: readonly MediaLine[]) => all.reduce((packets, line) => packets + line.packets, 0);
  return lines.length > 0 && before.length > 0 && sum(lines) === sum(before);
}
