import { joinChecks } from './contract-join-checks.ts';
import { participantChecks } from './contract-participant-checks.ts';
import { reconnectChecks } from './contract-reconnect-checks.ts';
import type { ContractCapability, ContractStage } from './contract-stage.ts';
import { demand, Visit } from './contract-visit.ts';

const checks = [...joinChecks, ...reconnectChecks, ...participantChecks];

/** Makes a stage for one check. */
export type MakeStage = () => ContractStage | Promise<ContractStage>;

/** One check of the suite. */
export interface ContractCheck {
  /** A statement about the adapter, in the present tense. */
  readonly name: string;
  /** Throws an error that says what was wrong. */
  run(): Promise<void>;
}

/** What {@link adapterContract} takes besides the stage. */
export interface ContractOptions {
  /**
   * What the stages cannot do, and why: `{ silence: 'the hosted server cannot be paused' }`. Each check that needs it is
   * listed as not made, with that reason. A stage that lacks a member which is not named here fails the check. Default:
   * the stages can do everything.
   */
  readonly without?: Readonly<Partial<Record<ContractCapability, string>>> | undefined;
}

/**
 * The contract that every adapter keeps, as a list of checks for any test framework. Each check joins through a real
 * `RoomSession` on the stage's clock.
 *
 * @example
 * for (const { name, run } of adapterContract(makeStage)) test(name, run);
 *
 * @param makeStage - called once per check; {@link webSocketStage} makes most of a stage
 * @param options - what the stages cannot do
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
            demand(lacking.includes(missing), `The stage has ${missing}. Take it out of "without"`);
            return;
          }
          demand(
            lacking.length === 0,
            `The stage has no ${lacking.join(', no ')}. Write it, or say in "without" why it cannot`,
          );
          const visit = new Visit(stage);
          await run(visit);
          await visit.leave();
        } finally {
          await stage.dispose?.();
        }
      },
    };
  });
}
