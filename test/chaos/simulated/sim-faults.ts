// What may go wrong in the simulation, and how often; one table, so that a run can print which faults it has really met.
import type { Dice } from '../../system/chain-torture/torture-plan.js';

/** Parts of a thousand, at each chance. */
const chances = {
  'command lost': 30,
  'command delivered twice': 80,
  'confirm lost': 40,
  'worker dies before its effect': 30,
  'worker dies after its effect': 50,
  'worker dies before its acknowledgement': 40,
  'the standby takes over': 25,
  'effect done twice': 50,
  'fails before its effect': 50,
  'fails for good before its effect': 25,
  'fails after its effect': 50,
  'result lost': 30,
  'result delivered twice': 80,
  'conductor dies before its commit': 60,
  'conductor dies after its commit': 60,
} as const;
export type FaultName = keyof typeof chances;
export const faultNames = Object.keys(chances) as readonly FaultName[];

export class FaultDice {
  readonly met = new Map<FaultName, number>();
  /** False where everything has to come to rest. */
  active = true;

  constructor(private readonly dice: Dice) {}

  happens(name: FaultName): boolean {
    if (!this.active || this.dice.below(1000) >= chances[name]) return false;
    this.met.set(name, (this.met.get(name) ?? 0) + 1);
    return true;
  }
}
