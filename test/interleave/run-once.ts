import { claimRun, repairRun } from './claim-runs';
import type { Connections } from './connections';
import { newRunId } from './actor';
import { Locker } from './locker';
import { abandonOrder, person } from './people';
import { World } from './world';

/** Steps after which a run ends, whatever is left. */
const MOST_STEPS = 500;

export interface RunResult {
  readonly steps: readonly string[];
  readonly reached: ReadonlySet<string>;
  readonly violations: readonly string[];
  readonly effects: number;
  readonly failures: ReadonlyMap<string, number>;
}

/** One seed: who acts, what they find, and in which order their calls are issued. */
export async function runOnce(seed: string, connections: Connections): Promise<RunResult> {
  const isCopyOnly = Number.parseInt(seed.replaceAll(/\D/g, '') || '0', 10) % 10 === 7;
  const world = new World(seed, connections, isCopyOnly);
  const { random, scheduler, oracle, platform } = world;
  const locker = new Locker(world, connections.blocker);
  await prepare(world);
  world.platform.silence = random.pick([0, 0, 0.1]);
  const ended = cast(world);
  try {
    while (scheduler.steps.length < MOST_STEPS && oracle.violations.length === 0) {
      await intervene(world, locker);
      if (!(await scheduler.step()) && !(await locker.release())) break;
      await world.watch();
    }
  } finally {
    await locker.release();
    for (const actor of world.actors) actor.isDead = true;
    await scheduler.settle();
    // What is still parked is never resumed.
    void ended;
  }
  const effects = [...platform.archives.values()].filter(({ status }) => status === 'ABANDONED').length;
  const { steps, reached } = scheduler;
  return { steps, reached, effects, violations: oracle.violations, failures: world.failures };
}

/** What is there before anybody acts: archives of a conference, most of them secured. Not scheduled. */
async function prepare(world: World): Promise<void> {
  const { random } = world;
  const count = random.pick([2, 2, 2, 3, 1]);
  for (let index = 0; index < count; index += 1) {
    const conference = index > 0 && random.chance(0.15) ? 'other' : 'one';
    const key = world.appear(`archive-${index}`, conference);
    if (!random.chance(0.75)) continue;
    await unscheduled(world, async () => {
      const actor = world.actor('prepare');
      const runId = newRunId();
      const place = { attempt: 1, runId };
      const found = await actor.attempt(place, 'awaitAvailable', key, { deadlineAt: Date.now() + 1e9 });
      if (found.outcome !== 'available') return;
      const copy = await actor.attempt(place, 'downloadArchive', key, found.facts);
      await actor.attempt(place, 'verifyCopy', key, found.facts, copy);
    });
  }
  world.platform.corruption = random.pick([0, 0, 0.3]);
  if (random.chance(0.5))
    await unscheduled(world, () =>
      world.actor('prepare').attempt({ attempt: 1, runId: newRunId() }, 'reconcileArchives', world.tenant),
    );
  world.platform.isBlind = random.chance(0.15);
  world.scheduler.steps.length = 0;
}

/** Everybody begins; nobody's first call is issued before its turn. */
function cast(world: World): Promise<unknown> {
  const { random, platform, tenant } = world;
  const keys = [...platform.archives.keys()].map((id) => world.keyOf(id));
  const all: Promise<unknown>[] = [];
  const enter = (probability: number, part: () => Promise<unknown>): void => {
    if (random.chance(probability)) all.push(part().catch((error: unknown) => world.report(error)));
  };
  for (const key of keys) {
    enter(0.85, () => claimRun(world, key, `claim ${key.archiveId}`));
    enter(0.15, () => claimRun(world, key, `second run ${key.archiveId}`));
    enter(0.45, () => person(world, key));
    enter(0.15, () => notification(world, key.archiveId));
  }
  const activity = (name: 'reconcileArchives' | 'sweepDue') => () =>
    world.actor(name).attempt({ attempt: 1, runId: newRunId() }, name, tenant);
  enter(0.3, activity('reconcileArchives'));
  enter(0.3, activity('sweepDue'));
  enter(world.settings.abandon ? 0.03 : 0.8, () => abandonOrder(world));
  enter(0.1, () => repairRun(world, random.pick(keys as [(typeof keys)[0]])));
  return Promise.allSettled(all);
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
      .filter(({ known }) => known?.settled !== true && known?.underWay !== true)
      .map((row) => claimRun(world, row, `drained ${row.archiveId}`)),
  );
}

/** What nobody of Archivist does: the platform acts, others act, time passes, processes die, transactions stand still. */
async function intervene(world: World, locker: Locker): Promise<void> {
  const { random, scheduler, platform, oracle, store } = world;
  const did = (what: string, of = ''): void => {
    scheduler.reached.add(`world.${what}`);
    scheduler.note(`world: ${what} ${of}`);
  };
  for (const request of platform.received)
    for (const archive of platform.reachOf(request))
      if (random.chance(0.03)) {
        did('effect', archive.archiveId);
        platform.takeEffect(request, archive);
      }
  if (!random.chance(0.2)) return;
  const ids = [...platform.archives.keys()] as [string, ...string[]];
  const id = random.pick(ids);
  const alive = scheduler.parked.filter(({ actor }) => !actor.isDead).map(({ actor }) => actor);
  const chosen = alive[Math.floor(random.share() * alive.length)];
  switch (
    random.pick([
      'stranger',
      'appears',
      'vanish',
      'day',
      'lock',
      'lock',
      'lock',
      'unlock',
      'unlock',
      'die',
      'timeout',
      'timeout',
      'weights',
    ])
  ) {
    case 'stranger': {
      const archive = platform.archives.get(id);
      if (archive?.status !== 'AVAILABLE' || !random.chance(0.2)) return;
      did('stranger', id);
      archive.status = 'ABANDONED';
      return;
    }
    case 'appears':
      if (ids.length > 3 || !random.chance(0.3)) return;
      did('appears', `archive-${ids.length}`);
      world.appear(`archive-${ids.length}`, 'one');
      return;
    case 'vanish':
      if (!store.bags.has(id) || !random.chance(0.3)) return;
      did('vanish', id);
      store.vanish(id);
      oracle.vanished(id);
      return;
    case 'day':
      if (locker.isHolding || scheduler.isAnyBusy || !random.chance(0.3)) return;
      did('day');
      await world.passDay();
      return;
    case 'lock':
      if (await locker.lock(id)) did('lock', locker.held);
      return;
    case 'unlock':
      if (await locker.release()) did('unlock');
      return;
    case 'die':
      if (chosen === undefined || !random.chance(0.4)) return;
      did('die', chosen.name);
      chosen.isDead = true;
      world.actors.find((actor) => actor === chosen)?.timeOut();
      return;
    case 'timeout':
      if (chosen === undefined) return;
      did('timeout', chosen.name);
      chosen.weight = random.pick([0.02, 0.3]);
      world.actors.find((actor) => actor === chosen)?.timeOut();
      return;
    case 'weights':
      for (const actor of alive) actor.weight = random.pick([1, 1, 0.3, 0.05]);
  }
}

async function unscheduled(world: World, work: () => Promise<unknown>): Promise<void> {
  const progress = { isOver: false };
  const done = work().finally(() => (progress.isOver = true));
  done.catch(() => undefined);
  while (!progress.isOver) await world.scheduler.step();
  await done;
}
