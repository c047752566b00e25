import type { AdapterReport } from '../../adapter.ts';

/** The others in the room, by their ids: a frame's count of them drifts, and each frame says them anew. */
export interface People {
  join(id: string, name: string | undefined): void;
  leave(id: string): void;
  /** Nobody is known to be there any more; who is not said again until `settle()` has left. */
  lose(): void;
  settle(): void;
}

export function makePeople(report: (report: AdapterReport) => void): People {
  const here = new Set<string>();
  const missing = new Set<string>();
  const leave = (id: string) => {
    here.delete(id);
    missing.delete(id);
    report({ type: 'participantLeft', participant: { id } });
  };
  return {
    leave,
    join(id, name) {
      here.add(id);
      missing.delete(id);
      report({ type: 'participantJoined', participant: { id, name } });
    },
    lose() {
      for (const id of here) missing.add(id);
      here.clear();
    },
    settle: () => missing.forEach(leave),
  };
}
