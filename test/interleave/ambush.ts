import { castPerson } from './cast';
import type { Actor } from './actor';
import type { Locker } from './locker';
import type { World } from './world';

/** Steps of an ambush for one actor. */
const MOST_STEPS = 40;

/**
 * Moments that chance alone hardly ever meets, since several things must come together between a judgement and the effect of its
 * request. Each waits for somebody who is about to judge, brings the moment about, and leaves the rest to chance.
 *
 * - `member`, `joiner`: the judgement has judged and stands still before its flight is committed, while a person holds a member, or an
 *   archive that has only just joined the conference;
 * - `later`: the request was sent, and before it has an effect, a person holds an archive that has only just joined;
 * - `told`: the same, after every member was seen to be abandoned;
 * - `reader`: the list that the judgement will rely on shows a member in another conference; before that is written, the member is
 *   back, and a person holds it.
 */
type Kind = 'member' | 'joiner' | 'later' | 'told' | 'reader';

export class Ambush {
  readonly #kind: Kind | undefined;
  #isOver = false;

  constructor(
    private readonly world: World,
    private readonly locker: Locker,
  ) {
    this.#kind = world.random.pick<Kind | undefined>([
      'member',
      'joiner',
      'later',
      'told',
      undefined,
      undefined,
      'reader',
    ]);
  }

  /** Whether the platform may act on what it has received: not before the ambush has been. */
  get mayTakeEffect(): boolean {
    return this.#isOver || !this.#isAfterSending;
  }

  /** Brings the moment about if somebody is about to judge. */
  async spring(): Promise<void> {
    const { scheduler, actors } = this.world;
    if (this.#kind === undefined || this.#isOver || scheduler.isAnyBusy || this.locker.isHolding) return;
    const awaited = this.#kind === 'reader' ? 'platform.list' : 'ledger.intend';
    const judging = scheduler.parked.find(({ actor, point }) => point === awaited && !actor.isDead);
    const judge = actors.find((actor) => actor === judging?.actor);
    if (judge === undefined) return;
    scheduler.note(`world: ambush ${this.#kind}`);
    scheduler.reached.add(`world.ambush.${this.#kind}`);
    if (this.#kind === 'reader') await this.#whileItReads(judge);
    else await (this.#isAfterSending ? this.#onceItWasSent(judge) : this.#whileItStands(judge));
    this.#isOver = true;
  }

  get #isAfterSending(): boolean {
    return this.#kind === 'later' || this.#kind === 'told';
  }

  async #whileItStands(judge: Actor): Promise<void> {
    await this.locker.lock(this.world.keyOf('archive-0').archiveId, 'flights');
    await this.world.scheduler.step(judge);
    await this.#hold(this.#kind === 'member' ? this.#member() : this.#joiner());
    await this.locker.release();
  }

  async #whileItReads(judge: Actor): Promise<void> {
    const { platform, scheduler } = this.world;
    const archiveId = this.#member();
    const member = platform.archives.get(archiveId);
    if (member === undefined || platform.isBlind) return;
    this.world.move(member);
    await scheduler.step(judge);
    this.world.move(member);
    await this.#hold(archiveId);
  }

  async #onceItWasSent(judge: Actor): Promise<void> {
    const { platform, scheduler } = this.world;
    await this.#goOn(judge, () => platform.received.length > 0);
    if (platform.received.length === 0) return;
    if (this.#kind === 'told') {
      for (const archive of platform.archives.values())
        if (archive.status === 'AVAILABLE') archive.status = 'ABANDONED';
      scheduler.note('world: strangers abandon all');
      await this.#goOn(judge, () => false);
    }
    await this.#hold(this.#joiner());
  }

  /** A member about which nobody else decides: another person may release what one holds. */
  #member(): string {
    const { actors, platform, random } = this.world;
    const [first, ...others] = [...platform.archives.keys()].filter(
      (archiveId) => !actors.some(({ name }) => name.endsWith(`person ${archiveId}`)),
    );
    return first === undefined ? this.#joiner() : random.pick([first, ...others]);
  }

  #joiner(): string {
    const archiveId = `archive-${this.world.platform.archives.size}`;
    this.world.appear(archiveId, 'one');
    return archiveId;
  }

  async #hold(archiveId: string): Promise<void> {
    await this.#goOn(castPerson(this.world, archiveId), () => false);
  }

  /** Lets one actor go on alone, until `isThere`, or it waits for somebody else. */
  async #goOn(actor: Actor, isThere: () => boolean): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS && !isThere() && !actor.hasEnded; steps += 1) {
      if (!(await this.world.scheduler.step(actor))) return;
      await this.world.watch();
    }
  }
}
