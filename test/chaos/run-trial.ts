import { setTimeout as pause } from 'node:timers/promises';
import type { People } from './people';
import type { Vandal } from './vandal';
import type { PlannedConference } from './plan/planned';
import type { PlannedCut, TrialPlan } from './plan/trial';
import type { Site } from './site/site';

/**
 * Carries a trial out. Stalls and holds may last longer than it.
 * @returns how many times connections were cut, held up or swallowed, and what resolves when every process goes on again
 */
export async function runTrial(
  site: Site,
  plan: TrialPlan,
  seed: string,
  { people, vandal }: { readonly people: People; readonly vandal: Vandal },
): Promise<{ readonly cuts: number; readonly allGoOn: Promise<unknown> }> {
  await site.platform.simulator.setFaults([...plan.faults], { seed });
  plan.damages.forEach((damage) => vandal.damage(damage));
  let cuts = 0;
  const stalls: Promise<void>[] = [];
  const stall = (process: string, forMs: number): void => {
    const service = site.fleet.find(({ name }) => name === process);
    if (service !== undefined) stalls.push(service.stall(forMs));
  };
  await Promise.all([
    pause(plan.lengthMs),
    ...plan.conferences.map((conference) => at(conference.atMs, () => create(site, conference))),
    ...plan.kills.map(({ atMs, process, downMs }) =>
      at(atMs, async () => site.mortals.find(({ name }) => name === process)?.kill(downMs)),
    ),
    ...plan.stalls.map(({ atMs, process, forMs }) => at(atMs, () => stall(process, forMs))),
    ...plan.holds.map((hold) => at(hold.atMs, () => people.hold(hold))),
    ...plan.givenUp.map((givenUp) => at(givenUp.atMs, () => people.giveUp(givenUp))),
    ...plan.cuts.map((cut) =>
      at(cut.atMs, () => {
        if (carryOut(site, cut)) cuts += 1;
      }),
    ),
  ]);
  return { cuts, allGoOn: Promise.all(stalls) };
}

async function at(ms: number, act: () => unknown): Promise<void> {
  await pause(ms);
  await act();
}

async function create({ platform }: Site, { archives }: PlannedConference): Promise<void> {
  await Promise.all(archives.map(({ spec }) => platform.simulator.createArchives(spec)));
}

/** @returns whether any connection was there for it */
function carryOut({ links }: Site, { link: name, kind, share, forMs }: PlannedCut): boolean {
  const link = links[name];
  switch (kind) {
    case 'cut':
      return link.cut(share) > 0;
    case 'stall':
      return link.stall(share, forMs) > 0;
    case 'silence':
      return link.silence(share) > 0;
  }
}
