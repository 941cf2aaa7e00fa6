import { castJoiner, castLaterRun } from './cast';
import type { Locker } from './locker';
import type { World } from './world';

/** What nobody of Archivist does: the platform acts, others act, time passes, processes die, transactions stand still. */
export async function intervene(world: World, locker: Locker, mayTakeEffect: boolean): Promise<void> {
  const { random, scheduler, platform, oracle, store } = world;
  const did = (what: string, of = ''): void => {
    scheduler.reached.add(`world.${what}`);
    scheduler.note(`world: ${what} ${of}`);
  };
  for (const request of mayTakeEffect ? platform.received : [])
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
      'moves',
      'heals',
      'vanish',
      'day',
      'lock',
      'lock',
      'lock',
      'unlock',
      'unlock',
      'die',
      'restart',
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
      castJoiner(world, `archive-${ids.length}`);
      return;
    case 'moves': {
      const archive = platform.archives.get(id);
      // If lists name no conferences, nobody can tell that one has changed.
      if (archive === undefined || platform.isBlind || !random.chance(0.3)) return;
      world.move(archive);
      did('moves', `${id} to ${archive.conferenceId}`);
      return;
    }
    case 'heals': {
      const archive = platform.archives.get(id);
      if (archive?.status !== 'FAILED') return;
      did('heals', id);
      archive.status = 'AVAILABLE';
      return;
    }
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
    case 'restart':
      if (!random.chance(0.4)) return;
      did('restart', id);
      castLaterRun(world, id);
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
