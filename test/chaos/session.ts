import { setTimeout as pause } from 'node:timers/promises';
import type { Evidence } from './checker/evidence';
import { judge, type Findings } from './checker/judge';
import { collect } from './collect';
import { drain } from './drain';
import { Operator } from './operator';
import type { Options } from './options';
import { People } from './people';
import type { PlannedArchive } from './plan/planned';
import { planTrial, type TrialPlan } from './plan/trial';
import { runTrial } from './run-trial';
import { Vandal } from './vandal';
import type { Site } from './site/site';

/** How long the next trial waits for the operator. */
const OPERATOR_MS = 3_000;

/** What a session came to. */
export interface Outcome {
  readonly archives: number;
  readonly kills: number;
  /** How often a process was stopped for a while. */
  readonly stalls: number;
  /** Holds of people that were confirmed. */
  readonly holds: number;
  /** Orders to give an archive up that were confirmed. */
  readonly givenUp: number;
  /** Sealed copies that lost a bit, or were removed. */
  readonly damages: number;
  /** Faults of the platform, and connections that were cut, held up or swallowed. */
  readonly faults: number;
  /** Archives whose notifications were all lost, and that were claimed by hand. */
  readonly renotified: number;
  /** Claims that asked for a person and were told to look again. */
  readonly woken: number;
  readonly findings: Findings;
  readonly evidence: Evidence;
}

/** Carries the trials out one after the other on the same site, lets everything come to its end, and has it judged. */
export async function holdSession(
  site: Site,
  { trials, seed, hurry }: Pick<Options, 'trials' | 'seed' | 'hurry'>,
  tell: (line: string) => void,
): Promise<Outcome> {
  const people = new People(site);
  const operator = new Operator(site, people);
  const vandal = new Vandal(site.store);
  const planned: PlannedArchive[] = [];
  const stalled: Promise<unknown>[] = [];
  let cuts = 0;
  for (let trial = 1; trial <= trials; trial += 1) {
    const plan = planTrial(seed, trial, namesToKill(site));
    const archives = plan.conferences.flatMap((conference) => conference.archives);
    tell(describe(plan, archives, `trial ${trial} of ${trials}`));
    const trialOver = await runTrial(site, plan, `${seed}/${trial}`, { people, vandal });
    cuts += trialOver.cuts;
    stalled.push(trialOver.allGoOn);
    planned.push(...archives);
    // Servers may be down: what is not done now is done after the next trial.
    await Promise.race([operator.round(planned).catch(() => undefined), pause(OPERATOR_MS)]);
  }
  tell('no more kills; everything comes to its end');
  await Promise.all([...stalled, people.done(), vandal.end()]);
  const open = await drain(site, operator, planned, hurry, tell);
  for (const [{ archiveId }, where] of open) tell(`  ${archiveId} did not end: ${where}`);
  for (const { name, kills, lastWords } of site.mortals) {
    tell(`  ${name}: ${kills} kills; it ended by itself ${lastWords.length} times`);
    for (const words of new Set(lastWords)) tell(`    ${words}`);
  }
  await Promise.all(site.fleet.map((service) => service.stop('SIGTERM')));
  const evidence = await collect(site, planned, people);
  return {
    archives: planned.length,
    kills: site.mortals.reduce((sum, { kills }) => sum + kills, 0),
    stalls: site.fleet.reduce((sum, { stalls }) => sum + stalls, 0),
    holds: people.holds.length,
    givenUp: people.givenUp.filter(({ isConfirmed }) => isConfirmed).length,
    damages: vandal.damages,
    faults: cuts + evidence.journal.filter(({ fault }) => fault !== undefined).length,
    renotified: operator.renotified,
    woken: operator.woken,
    findings: await judge(evidence),
    evidence,
  };
}

/** Workers, which do most, are killed most. */
function namesToKill({ mortals }: Site): readonly [string, ...string[]] {
  const names = mortals.map(({ name }) => name);
  return [...names, ...names.filter((name) => name.startsWith('worker'))] as [string, ...string[]];
}

function describe(
  { kills, stalls, holds, givenUp, damages, cuts, faults }: TrialPlan,
  archives: readonly unknown[],
  what: string,
): string {
  const killed = kills.map(({ process }) => process).join(', ');
  return `${what}: ${archives.length} archives, ${faults.length} kinds of faults, ${cuts.length} cuts, ${stalls.length} stalls, ${holds.length} holds, ${givenUp.length} given up, ${damages.length} damages, kills: ${killed}`;
}
