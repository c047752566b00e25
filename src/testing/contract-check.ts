import type { ContractCapability } from './contract-stage.ts';
import type { Visit } from './contract-visit.ts';

/** A check, and what its stage must be able to do. */
export interface Check {
  readonly name: string;
  readonly needs?: readonly ContractCapability[];
  run(visit: Visit): Promise<void>;
}

/** Moments in microtasks: each of the first ones, because faults hide between two of them. */
export const moments: readonly number[] = [...Array(25).keys(), 40];
