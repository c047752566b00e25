import type { RecordedSession } from '../recorder.ts';
import type { MediaLine } from './media-line.ts';

interface Stat {
  readonly id: string;
  readonly type: string;
  readonly kind: string;
  readonly packetsSent?: number;
  readonly packetsReceived?: number;
  readonly mediaSourceId?: string;
  readonly trackIdentifier?: string;
  readonly audioLevel?: number;
  readonly dtlsState?: string;
}

/** The session's peer connections, where its adapter shows them. */
export function connectionsOf({ adapter, vendor }: RecordedSession): readonly RTCPeerConnection[] {
  return vendor === undefined ? [] : (adapter.connections?.(vendor) ?? []);
}

/** All media of a session now. */
export async function mediaOf(session: RecordedSession): Promise<MediaLine[]> {
  const lines = await Promise.all(
    connectionsOf(session).map(async (connection) => {
      const stats: Stat[] = [...(await connection.getStats()).values()];
      return linesOf(session, connection.iceConnectionState, stats);
    }),
  );
  return lines.flat();
}

function linesOf({ view }: RecordedSession, ice: string, stats: readonly Stat[]): MediaLine[] {
  const dtls = stats.find(({ type }) => type === 'transport')?.dtlsState;
  return stats.flatMap((stat): MediaLine[] => {
    const { type, kind } = stat;
    if (type === 'outbound-rtp') {
      const source = stats.find(({ id }) => id === stat.mediaSourceId);
      const about = { level: source?.audioLevel, trackId: source?.trackIdentifier };
      const packets = stat.packetsSent ?? 0;
      return [{ participantId: undefined, direction: 'sends', kind, packets, ...about, ice, dtls }];
    }
    if (type !== 'inbound-rtp') return [];
    const { trackIdentifier: trackId, audioLevel: level, packetsReceived: packets = 0 } = stat;
    const participantId = view.tracks.find(({ track }) => track.id === trackId)?.participantId;
    return [{ participantId, direction: 'receives', kind, packets, level, ice, dtls, trackId }];
  });
}
