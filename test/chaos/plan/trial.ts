import type { FaultRule } from '../../../src/simulator';
import type { LinkName } from '../site/link';
import { planConferences } from './archives';
import { planFaults } from './faults';
import type { PlannedArchive, PlannedConference } from './planned';
import { Random } from './random';

/** What happens in one trial, and when. It follows from the seed alone. */
export interface TrialPlan {
  readonly conferences: readonly PlannedConference[];
  readonly faults: readonly FaultRule[];
  readonly kills: readonly PlannedKill[];
  readonly stalls: readonly PlannedStall[];
  readonly holds: readonly PlannedHold[];
  readonly givenUp: readonly PlannedGivingUp[];
  readonly damages: readonly PlannedDamage[];
  readonly cuts: readonly PlannedCut[];
  readonly lengthMs: number;
}

/** A SIGKILL to one process, which is started again after a while. */
interface PlannedKill {
  readonly atMs: number;
  readonly process: string;
  readonly downMs: number;
}

/** A SIGSTOP to one process, which goes on after a while as if no time had passed. */
interface PlannedStall {
  readonly atMs: number;
  readonly process: string;
  readonly forMs: number;
}

/** A person holds an archive, and releases it after a while. */
export interface PlannedHold {
  readonly atMs: number;
  readonly archiveId: string;
  readonly forMs: number;
}

/** A person gives an archive up, and does not take that back. */
export interface PlannedGivingUp {
  readonly atMs: number;
  readonly archiveId: string;
  readonly conferenceId: string | undefined;
}

/** A sealed copy loses a bit, or is gone altogether. */
export interface PlannedDamage {
  readonly archiveId: string;
  readonly kind: 'flip' | 'remove';
  /** After it was sealed. */
  readonly afterMs: number;
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

/** What may be stopped: Archivist's own processes. Longer than a heartbeat timeout, others take over what it did. */
const STOPPABLE = ['gateway', 'worker-1', 'worker-2', 'worker-1', 'worker-2'] as const;
const HEARTBEAT_TIMEOUT_MS = 30_000;

/** @param processes those that may be killed; one that is named twice is killed twice as often */
export function planTrial(seed: number, trial: number, processes: readonly [string, ...string[]]): TrialPlan {
  const random = new Random(`${seed}/${trial}`);
  const conferences = planConferences(random, trial, LENGTH_MS);
  const claimable = conferences.filter(({ archives }) =>
    archives.every(({ exception }) => exception === undefined),
  );
  const held = claimable.filter(() => random.chance(0.4));
  const givenUp = claimable.filter((conference) => !held.includes(conference) && random.chance(0.15));
  const anyOf = ({ archives }: PlannedConference): PlannedArchive =>
    random.pick(archives as [PlannedArchive, ...PlannedArchive[]]);
  return {
    conferences,
    faults: planFaults(random),
    kills: Array.from({ length: random.whole(5, 7) }, () => ({
      atMs: random.between(0, LENGTH_MS),
      process: random.pick(processes),
      downMs: random.between(0, 2_500),
    })),
    stalls: Array.from({ length: random.whole(5, 7) }, () => ({
      atMs: random.between(0, LENGTH_MS),
      process: random.pick(STOPPABLE),
      forMs: random.chance(0.15)
        ? HEARTBEAT_TIMEOUT_MS + random.between(1_000, 8_000)
        : random.magnitude(100, 8_000),
    })),
    holds: held.map((conference) => ({
      atMs: conference.atMs + random.between(0, 6_000),
      archiveId: anyOf(conference).archiveId,
      forMs: random.magnitude(100, 10_000),
    })),
    givenUp: givenUp.map((conference) => {
      const atMs = conference.atMs + random.between(0, 6_000);
      const { archiveId, spec } = anyOf(conference);
      return { atMs, archiveId, conferenceId: spec.conferenceId };
    }),
    damages: claimable
      .filter(() => random.chance(0.5))
      .map((conference) => ({
        archiveId: anyOf(conference).archiveId,
        kind: random.pick(['flip', 'remove']),
        afterMs: random.magnitude(1, 8_000),
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
