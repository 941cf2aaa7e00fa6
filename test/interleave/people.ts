import { decideAgain, giveOrder } from '../../src/activities/claim/orders';
import type { ArchiveKey } from '../../src/domain/ids';
import type { Actor } from './actor';
import type { World } from './world';

const BY = 'jane';
const KINDS = ['hold', 'giveUp', 'cancel', 'deadline', 'hold'] as const;

/** A person orders something about one archive, asks until it is decided, and may take it back. One person an archive. */
export async function person(world: World, key: ArchiveKey): Promise<void> {
  const { random, oracle } = world;
  const actor = world.actor(`person ${key.archiveId}`);
  const kind = random.pick(KINDS);
  const takesBack = random.chance(0.4);
  await actor.run(async () => {
    const answer = await order(actor, key, kind);
    if (answer === 'undecided') await askAgain(actor, key, kind);
    if (!takesBack) return;
    oracle.takesBack(key.archiveId);
    await giveOrder(actor.dependencies, key, { kind: kind === 'hold' ? 'release' : 'claim', by: BY });
  });
}

/** A person orders a hold, and leaves it at the first answer. */
export async function holds(actor: Actor, key: ArchiveKey): Promise<void> {
  await actor.run(() => order(actor, key, 'hold'));
}

async function order(actor: Actor, key: ArchiveKey, kind: (typeof KINDS)[number]) {
  const { answer } = await giveOrder(actor.dependencies, key, { kind, by: BY });
  actor.world.oracle.answered(actor.name, key.archiveId, kind, answer);
  return answer;
}

/** What `archivist status` does, three times. */
async function askAgain(actor: Actor, key: ArchiveKey, kind: string): Promise<void> {
  for (let times = 0; times < 3; times += 1) {
    await actor.pause(1_000);
    const again = await decideAgain(actor.dependencies, key);
    if (again === undefined) return;
    actor.world.oracle.answered(actor.name, key.archiveId, kind, again.answer);
    if (again.answer !== 'undecided') return;
  }
}

/** In copy-only mode: a person orders the abandon of all archives of the conference. */
export async function abandonOrder(world: World): Promise<void> {
  const actor = world.actor('abandon order');
  const archiveIds = [...world.platform.archives.keys()].map((id) => world.keyOf(id).archiveId);
  await actor.run(() => actor.dependencies.ledger.orderAbandon(world.tenant, archiveIds, BY));
}
