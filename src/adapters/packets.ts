import type { OwnInfo, ParticipantInfo } from '../adapter.ts';

/** What sessions tell each other where the backend has no words for it. Any participant may have written it. */
export interface Packet {
  /** A message of the app. */
  readonly data?: unknown;
  /** For this participant only. */
  readonly to?: string | undefined;
  /** What the sender says of itself. */
  readonly info?: unknown;
  /** The sender is new here, and asks the others for theirs. */
  readonly isNew?: boolean | undefined;
}

/** What a packet says of its sender, as far as it has the right form. */
export function readInfo({ info }: Packet): Omit<ParticipantInfo, 'id'> {
  const { name, metadata, microphone, camera, screen } = Object(info);
  return {
    ...(typeof name === 'string' && { name }),
    ...(metadata === Object(metadata) && !Array.isArray(metadata) && { metadata }),
    ...(typeof microphone === 'boolean' && { microphone }),
    ...(typeof camera === 'boolean' && { camera }),
    ...(typeof screen === 'boolean' && { screen }),
  };
}

/** The session's own words, as a packet says them. */
export const infoPacket = (
  { name, metadata, microphone, camera, screen }: OwnInfo,
  isNew?: boolean,
): Packet => ({ info: { name, metadata, microphone, camera, screen }, isNew });
