import type { FaultRule } from '../../../src/simulator';
import type { LinkName } from '../site/link';
import { planConferences } from './archives';
import { planFaults } from './faults';
import type { PlannedConference } from './planned';
import { Random } from './random';

/** What happens in one trial, and when. It follows from the seed alone. */
export interface TrialPlan {
  readonly conferences: readonly PlannedConference[];
  readonly faults: readonly FaultRule[];
  readonly kills: readonly PlannedKill[];
  readonly cuts: readonly PlannedCut[];
  readonly lengthMs: number;
}

/** A SIGKILL to one process, which is started again after a while. */
export interface PlannedKill {
  readonly atMs: number;
  readonly process: string;
  readonly downMs: number;
}

/** Something that happens to connections: they are cut, they pause, or they fall silent for good. */
export interface PlannedCut {
  readonly atMs: number;
  readonly link: LinkName;
  readonly kind: 'cut' | 'stall' | 'silence';
  /** Of the connections that are open. */
  readonly share: number;
  /** How long a stall lasts. */
  readonly forMs: number;
}

const LENGTH_MS = 20_000;

/** @param processes those that may be killed; one that is named twice is killed twice as often */
export function planTrial(seed: number, trial: number, processes: readonly [string, ...string[]]): TrialPlan {
  const random = new Random(`${seed}/${trial}`);
  return {
    conferences: planConferences(random, trial, LENGTH_MS),
    faults: planFaults(random),
    kills: Array.from({ length: random.whole(5, 7) }, () => ({
      atMs: random.between(0, LENGTH_MS),
      process: random.pick(processes),
      downMs: random.between(0, 2_500),
    })),
    cuts: Array.from({ length: random.whole(3, 8) }, () => ({
      atMs: random.between(0, LENGTH_MS),
      link: random.pick(['platform', 'temporal', 'ledger']),
      kind: random.pick(['cut', 'cut', 'stall', 'stall', 'silence']),
      share: random.between(0.1, 1),
      forMs: random.between(100, 5_000),
    })),
    lengthMs: LENGTH_MS,
  };
}
