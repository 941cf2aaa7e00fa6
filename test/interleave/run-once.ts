import { newRunId } from './actor';
import { Ambush } from './ambush';
import { cast } from './cast';
import type { Connections } from './connections';
import { intervene } from './interventions';
import { Locker } from './locker';
import type { Schedule } from './schedule';
import { World } from './world';

/** Steps after which a run ends, whatever is left. */
const MOST_STEPS = 500;

export interface RunResult {
  /** What chance decided, to repeat it. */
  readonly draws: readonly number[];
  readonly steps: readonly string[];
  readonly reached: ReadonlySet<string>;
  readonly violations: readonly string[];
  readonly effects: number;
  readonly failures: ReadonlyMap<string, number>;
}

/** One schedule: who acts, what they find, and in which order their calls are issued. */
export async function runOnce(schedule: Schedule, connections: Connections): Promise<RunResult> {
  const world = new World(schedule, connections, schedule.seed.endsWith('7'));
  const { random, scheduler, oracle, platform } = world;
  const locker = new Locker(world, connections.blocker);
  await prepare(world);
  world.platform.silence = random.pick([0.1, 0, 0]);
  cast(world);
  const ambush = new Ambush(world, locker);
  try {
    while (scheduler.steps.length < MOST_STEPS && oracle.violations.length === 0) {
      await ambush.spring();
      await intervene(world, locker, ambush.mayTakeEffect);
      if (!(await scheduler.step()) && !(await locker.release())) break;
      await world.watch();
    }
    if (oracle.violations.length === 0) actAtLast(world);
  } finally {
    await locker.release();
    for (const actor of world.actors) actor.isDead = true;
    await scheduler.settle();
  }
  const effects = [...platform.archives.values()].filter(({ status }) => status === 'ABANDONED').length;
  const { steps, reached } = scheduler;
  return {
    draws: random.drawn,
    steps,
    reached,
    effects,
    violations: oracle.violations,
    failures: world.failures,
  };
}

/** The platform acts on what it has not acted on yet. */
function actAtLast({ platform }: World): void {
  for (const request of platform.received)
    for (const archive of platform.reachOf(request)) platform.takeEffect(request, archive);
}

/** What is there before anybody acts: archives of a conference, most of them secured. Not scheduled. */
async function prepare(world: World): Promise<void> {
  const { random } = world;
  const count = random.pick([1, 3, 2, 2, 2]);
  for (let index = 0; index < count; index += 1) {
    const conference = index > 0 && random.chance(0.15) ? 'other' : 'one';
    const isReady = random.share() > 0.25;
    const key = world.appear(
      `archive-${index}`,
      conference,
      isReady || random.share() > 0.4 ? 'AVAILABLE' : 'FAILED',
    );
    if (!isReady) continue;
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
  world.platform.corruption = random.pick([0.3, 0, 0]);
  if (random.chance(0.5))
    await unscheduled(world, () =>
      world.actor('prepare').attempt({ attempt: 1, runId: newRunId() }, 'reconcileArchives', world.tenant),
    );
  world.platform.isBlind = random.chance(0.15);
  world.scheduler.steps.length = 0;
  // What appears from now on, appears after the list that was read above.
  world.oracle.now += 1;
}

async function unscheduled(world: World, work: () => Promise<unknown>): Promise<void> {
  const progress = { isOver: false };
  const done = work().finally(() => (progress.isOver = true));
  done.catch(() => undefined);
  while (!progress.isOver) await world.scheduler.step();
  await done;
}
