import { newRunId, type Actor } from './actor';
import { claimRun, repairRun } from './claim-runs';
import { abandonOrder, holds, person } from './people';
import type { World } from './world';

/** Everybody begins; nobody's first call is issued before its turn. */
export function cast(world: World): void {
  const { random, platform, tenant } = world;
  const keys = [...platform.archives.keys()].map((id) => world.keyOf(id));
  const enter = (probability: number, part: () => Promise<unknown>): void => {
    if (random.chance(probability)) begin(world, part());
  };
  for (const key of keys) {
    enter(0.85, () => claimRun(world, key, `claim ${key.archiveId}`));
    enter(0.45, () => person(world, key));
    enter(0.15, () => notification(world, key.archiveId));
  }
  const activity = (name: 'reconcileArchives' | 'sweepDue') => () =>
    world.actor(name).attempt({ attempt: 1, runId: newRunId() }, name, tenant);
  enter(0.3, activity('reconcileArchives'));
  enter(0.3, activity('sweepDue'));
  enter(world.settings.abandon ? 0.03 : 0.8, () => abandonOrder(world));
  enter(0.1, () => repairRun(world, random.pick(keys as [(typeof keys)[0]])));
}

/** An archive that joined the conference is announced, and a person may have heard of it. */
export function castJoiner(world: World, archiveId: string): void {
  const key = world.keyOf(archiveId);
  if (world.random.chance(0.7)) begin(world, claimRun(world, key, `claim ${archiveId}`));
  if (world.random.chance(0.7)) begin(world, person(world, key));
}

/** A person orders a hold, and does not take it back. */
export function castPerson(world: World, archiveId: string): Actor {
  const actor = world.actor(`person ${archiveId}`);
  begin(world, holds(actor, world.keyOf(archiveId)));
  return actor;
}

function begin(world: World, part: Promise<unknown>): void {
  // Whoever dies never ends; what is left when the run ends is left.
  part.catch((error: unknown) => world.report(error));
}

/** A claim is started again, by hand or by a reset, while attempts of the run before it are still alive. */
export function castLaterRun(world: World, archiveId: string): void {
  begin(world, claimRun(world, world.keyOf(archiveId), `later run ${archiveId}`));
}

/** A notification, and what the drainer does with the row. */
async function notification(world: World, archiveId: string): Promise<void> {
  const key = world.keyOf(archiveId);
  const actor = world.actor(`notification ${archiveId}`);
  const leased = await actor.run(async () => {
    const { ledger } = actor.dependencies;
    await ledger.enqueueHints([key], 5_000);
    return await ledger.lease({ tenants: [world.tenant], limit: 10, leaseMs: 60_000, leasedBy: actor.name });
  });
  await Promise.all(
    leased
      .filter(({ archiveId: id, known }) => known?.settled !== true && !world.isOpen(id))
      .map((row) => claimRun(world, row, `drained ${row.archiveId}`)),
  );
}
