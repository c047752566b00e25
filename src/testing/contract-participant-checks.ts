import type { Check } from './contract-check.ts';
import { demand, type Visit } from './contract-visit.ts';

/** What every adapter says of the other participants. */
export const participantChecks: readonly Check[] = [
  {
    name: 'says who joins, with their tracks',
    needs: ['participantJoins'],
    async run(visit) {
      await visit.join();
      await participantJoins(visit);
      await visit.stage.pass(1_000);
      isWellFormed(visit);
    },
  },
  {
    name: 'says who was in the room before',
    needs: ['participantJoins'],
    async run(visit) {
      await visit.stage.participantJoins?.();
      await visit.join();
      await visit.until(() => visit.session.participants.length === 1, 'the session has the participant');
      isWellFormed(visit);
    },
  },
  {
    name: 'says who leaves, by the same id',
    needs: ['participantJoins', 'participantLeaves'],
    async run(visit) {
      await visit.join();
      const id = await participantJoins(visit);
      await visit.stage.participantLeaves?.();
      await participantLeft(visit, id);
    },
  },
  {
    name: 'says once who is there before and after a reconnect',
    needs: ['participantJoins', 'drop'],
    async run(visit) {
      await visit.join();
      const id = await participantJoins(visit);
      await visit.reconnect();
      await visit.stage.pass(15_000);
      const joined = visit.events('participantJoined').length;
      const left = visit.events('participantLeft').length;
      demand(left === 0, `"${id}" left at the reconnect: name the participants again after each connected()`);
      demand(joined === 1, `${joined} participants joined, and there is one`);
      isWellFormed(visit);
    },
  },
  {
    name: 'says after a reconnect who left during it',
    needs: ['participantJoins', 'participantLeaves', 'drop', 'silence'],
    async run(visit) {
      await visit.join();
      const id = await participantJoins(visit);
      await visit.goSilent();
      await visit.until(() => visit.session.state === 'reconnecting', 'the session is reconnecting');
      await visit.stage.participantLeaves?.();
      visit.stage.silence?.(false);
      await visit.until(() => visit.session.state === 'connected', 'the session is connected again');
      await participantLeft(visit, id);
    },
  },
];

/** Another participant joins; waits until the session says so, and returns the id. */
async function participantJoins(visit: Visit): Promise<string> {
  await visit.stage.participantJoins?.();
  await visit.until(() => visit.session.participants.length > 0, 'the session says participantJoined');
  return visit.session.participants[0]?.id ?? '';
}

async function participantLeft(visit: Visit, id: string): Promise<void> {
  await visit.until(() => visit.session.participants.length === 0, `the session says that "${id}" left`);
  const left = visit.events('participantLeft').map(({ payload }) => payload.id);
  demand(left.join() === id, `"${left.join('", "')}" left, and "${id}" had joined`);
}

/** Each participant has an id, each track a kind and a stream that has the tracks of one participant only. */
function isWellFormed({ seen }: Visit): void {
  const owners = new Map<MediaStream, string>();
  const hasId = (name: string, id: unknown) =>
    demand(typeof id === 'string' && id !== '', `${name} has no participant id`);
  for (const { name, payload } of seen) {
    if (name === 'participantJoined' || name === 'participantLeft') hasId(name, payload.id);
    if (name !== 'trackAdded' && name !== 'trackRemoved') continue;
    const { participantId, track, stream } = payload;
    hasId(name, participantId);
    demand(track.kind === 'audio' || track.kind === 'video', `${name} has no track`);
    const owner = owners.get(stream) ?? participantId;
    demand(owner === participantId, `The tracks of ${owner} and ${participantId} are in one stream`);
    owners.set(stream, participantId);
  }
}
