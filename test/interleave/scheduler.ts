import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from '../../src/ledger/postgres';
import type { Random } from '../chaos/plan/random';

/** Somebody whose calls are ordered: an attempt of an activity, a person, a stranger, the platform's own moves. */
export interface Scheduled {
  readonly name: string;
  isDead: boolean;
  /** How readily the scheduler chooses it: a stall is a small weight. */
  weight: number;
}

interface Parked {
  readonly actor: Scheduled;
  readonly point: string;
  readonly go: () => void;
}

/** Milliseconds after which it is asked whether the statements under way wait for locks. */
const LOOK_FOR_LOCKS_MS = 2;
/** Turns of the event loop after which an actor that shows nothing has nothing to show. */
const MOST_TURNS = 20;

/**
 * Lets one actor go on at a time, from one named call to the next. Every call waits here *before* it is issued; a statement that
 * waits for a lock in PostgreSQL is left waiting, and others go on.
 */
export class Scheduler {
  readonly steps: string[] = [];
  readonly reached = new Set<string>();
  #parked: Parked[] = [];
  readonly #busy = new Map<Database, number>();
  #changes = 0;

  constructor(
    private readonly random: Random,
    /** How many backends wait for a lock now. */
    private readonly countWaiting: () => Promise<number>,
  ) {}

  /** The call that the actor is about to make waits for its turn. Of a dead actor, for ever. */
  async point(actor: Scheduled, point: string): Promise<void> {
    this.#changes += 1;
    // Of a dead one nothing is ever heard again.
    if (actor.isDead) await new Promise(() => undefined);
    await new Promise<void>((go) => this.#parked.push({ actor, point, go }));
  }

  /** A statement on the actor's own connection. */
  async statement<Result>(database: Database, work: () => Promise<Result>): Promise<Result> {
    this.#busy.set(database, (this.#busy.get(database) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#busy.get(database) ?? 1) - 1;
      if (left === 0) this.#busy.delete(database);
      else this.#busy.set(database, left);
      this.#changes += 1;
    }
  }

  isBusy(database: Database): boolean {
    return this.#busy.has(database);
  }

  get isAnyBusy(): boolean {
    return this.#busy.size > 0;
  }

  get parked(): readonly Pick<Parked, 'actor' | 'point'>[] {
    return this.#parked;
  }

  /** Somebody goes on, or `only` this actor. @returns `false` if nobody can */
  async step(only?: Scheduled): Promise<boolean> {
    await this.settle();
    const able = this.#parked.filter(({ actor }) => !actor.isDead && (only ?? actor) === actor);
    if (able.length === 0) return false;
    const chosen = this.#choose(able);
    this.#parked = this.#parked.filter((parked) => parked !== chosen);
    this.steps.push(`${chosen.actor.name}: ${chosen.point}`);
    this.reached.add(chosen.point);
    chosen.go();
    await this.settle();
    return true;
  }

  note(step: string): void {
    this.steps.push(step);
  }

  /** Until nobody computes: everybody waits for a turn, has ended, or waits for a lock. */
  async settle(): Promise<void> {
    for (;;) {
      await this.#calm();
      if (this.#busy.size === 0) return;
      const before = this.#changes;
      const begun = process.hrtime.bigint();
      while (this.#changes === before && Number(process.hrtime.bigint() - begun) < LOOK_FOR_LOCKS_MS * 1e6)
        await turn();
      if (this.#changes !== before) continue;
      if ((await this.countWaiting()) >= this.#busy.size && this.#changes === before) return;
    }
  }

  async #calm(): Promise<void> {
    for (let [turns, seen] = [0, this.#changes]; turns < MOST_TURNS; turns += 1) {
      await turn();
      if (seen === this.#changes) continue;
      seen = this.#changes;
      turns = MOST_TURNS - 10;
    }
  }

  #choose(able: readonly Parked[]): Parked {
    // Which of two parked at the same moment, by their names: who came first may depend on the machine.
    const sorted = [...able].sort((one, other) =>
      `${one.actor.name} ${one.point}` < `${other.actor.name} ${other.point}` ? -1 : 1,
    );
    const all = sorted.reduce((sum, { actor }) => sum + actor.weight, 0);
    let left = this.random.share() * all;
    return sorted.find(({ actor }) => (left -= actor.weight) < 0) ?? sorted[0]!;
  }
}
