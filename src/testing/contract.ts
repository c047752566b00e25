import { checks } from './contract-checks.ts';
import type { ContractCapability, ContractStage } from './contract-stage.ts';
import { demand, Visit } from './contract-visit.ts';

/** Makes a stage for one check. */
export type MakeStage = () => ContractStage | Promise<ContractStage>;

/** One check of the suite. */
export interface ContractCheck {
  /** A statement about the adapter, in the present tense. */
  readonly name: string;
  /** Throws an error that says what was wrong. */
  run(): Promise<void>;
}

export interface ContractOptions {
  /**
   * What the stages cannot do, and why: `{ drop: 'the frame shares the page’s network' }`. Each such check is listed as
   * not made, with that reason. A stage that lacks a member which is not named here fails the check.
   */
  readonly without?: Readonly<Partial<Record<ContractCapability, string>>> | undefined;
}

/**
 * The contract that every adapter keeps, as a list of checks for any test framework:
 *
 * @example
 * for (const { name, run } of adapterContract(makeStage)) test(name, run);
 *
 * @param makeStage called once per check
 * @param options what the stages cannot do; such checks are listed all the same, as not made and why
 */
export function adapterContract(makeStage: MakeStage, options: ContractOptions = {}): ContractCheck[] {
  const { without = {} } = options;
  return checks.map(({ name, needs = [], run }) => {
    const missing = needs.find((capability) => without[capability] !== undefined);
    return {
      name: missing === undefined ? name : `${name} (not checked, no ${missing}: ${without[missing]})`,
      async run() {
        const stage = await makeStage();
        try {
          const lacking = needs.filter((capability) => stage[capability] === undefined);
          if (missing !== undefined) {
            demand(lacking.includes(missing), `The stage has ${missing}, so do not say that it is without`);
            return;
          }
          demand(
            lacking.length === 0,
            `The stage has no ${lacking.join(', no ')}: write it, or say in "without" why it cannot`,
          );
          const visit = new Visit(stage);
          await run(visit);
          await visit.disconnect();
          visit.nothingOpen();
        } finally {
          await stage.dispose?.();
        }
      },
    };
  });
}
