import type { JoinRequest } from './connect-attempt.ts';
import type { LocalMedia } from './local-media.ts';
import type { Metadata, OwnInfo, Participant, ParticipantInfo, ParticipantTrack } from './participant.ts';
import { merge } from './participants.ts';
import { type View, withSource } from './view.ts';

/** The person at this session, as the others see it. */
export class LocalParticipant {
  /** `undefined` until connected, and again after the end. */
  participant: Participant | undefined;
  /** As given to `setMetadata`, over joins. */
  metadata: Metadata | undefined;
  readonly #media: LocalMedia;
  readonly #view: Pick<View, 'show'>;
  readonly #onUpdate: (participant: Participant) => void;
  #request: JoinRequest | undefined;
  #tracks: readonly ParticipantTrack[] = [];

  constructor(media: LocalMedia, view: Pick<View, 'show'>, onUpdate: (participant: Participant) => void) {
    this.#media = media;
    this.#view = view;
    this.#onUpdate = onUpdate;
  }

  get info(): OwnInfo {
    const { identity, name = identity } = this.#request ?? {};
    const { metadata } = this;
    const [microphone, camera] = [this.#media.isOn('microphone'), this.#media.isOn('camera')];
    return { name, metadata, microphone, camera, screen: this.#media.published.isSharing };
  }

  /** A join begins. `undefined`: it has ended. */
  start(request: JoinRequest | undefined): void {
    this.#request = request;
    this.participant = undefined;
  }

  /**
   * Looks at what is said of us now.
   *
   * @param id our own id in the room. Default: the one that is known; before there is one we have no participant
   * @returns whether something is new
   */
  update(id: string | undefined = this.participant?.id): boolean {
    const known = this.participant;
    if (id === undefined) return false;
    const now = { id, identity: this.#request?.identity, ...this.info };
    const info = known ? merge<ParticipantInfo>(known, now) : now;
    if (!info) return false;
    this.participant = this.#view.show(info, () => this.#ownTracks(id));
    this.#onUpdate(this.participant);
    return true;
  }

  #ownTracks(participantId: string): readonly ParticipantTrack[] {
    const { stream } = this.#media;
    const now =
      stream
        ?.getTracks()
        .map((track) =>
          withSource({ participantId, track, stream }, () => this.#media.published.isSharing),
        ) ?? [];
    const isSame =
      now.length === this.#tracks.length && now.every(({ track }, at) => track === this.#tracks[at]?.track);
    if (!isSame) this.#tracks = now;
    return this.#tracks;
  }
}
