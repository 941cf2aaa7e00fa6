import { setTimeout as pause } from 'node:timers/promises';
import type { Exception, GivenUp, Hold } from './checker/evidence';
import type { PlannedArchive } from './plan/planned';
import type { PlannedGivingUp, PlannedHold } from './plan/trial';
import type { Site } from './site/site';

/** Between two tries of a command that could not be carried out: servers may be down. */
const AGAIN_MS = 1_000;
/** A person who gets no answer for so long lets it be; what was written must be released all the same. */
const PATIENCE_MS = 60_000;
const LONGEST_MS = 10 * 60_000;

/** People who hold archives and release them again, or give them up, by the command line, while everything around them fails. */
export class People {
  readonly holds: Hold[] = [];
  /** By archive, what became of the order to give it up; present as soon as it may have been written. */
  readonly #givenUp = new Map<string, GivenUp>();
  readonly #underWay: Promise<void>[] = [];

  constructor(private readonly site: Site) {}

  /** Holds an archive, releases it after a while, and goes on trying in the background until that is done. */
  hold(planned: PlannedHold): void {
    this.#underWay.push(this.#holdForAWhile(planned));
  }

  /** Gives an archive up, and goes on asking in the background until that is decided, or patience ends. */
  giveUp(planned: PlannedGivingUp): void {
    this.#underWay.push(this.#giveUp(planned));
  }

  /** Until every hold is released, and everything that was given up is decided or let be. */
  async done(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  get givenUp(): readonly GivenUp[] {
    return [...this.#givenUp.values()];
  }

  /** How the archive must end if not as every other: as it was planned, or because a person gave up one of its conference. */
  exceptionOf({ archiveId, spec, exception }: PlannedArchive): Exception | undefined {
    const own = this.#givenUp.get(archiveId);
    if (own !== undefined) return { end: 'givenUp', isConfirmed: own.isConfirmed };
    const isSibling = this.givenUp.some(({ conferenceId }) => conferenceId === spec.conferenceId);
    return isSibling ? { end: 'copy' } : exception;
  }

  async #holdForAWhile({ archiveId, forMs }: PlannedHold): Promise<void> {
    const limit = Date.now() + PATIENCE_MS;
    let answer: string | undefined;
    while (answer === undefined && Date.now() < limit) answer = await this.#order('hold', archiveId);
    await pause(forMs);
    if (answer === 'confirmed') this.holds.push({ archiveId, releasedAt: Date.now() });
    // Also if no answer came: it may have been written.
    const end = Date.now() + LONGEST_MS;
    while (Date.now() < end && (await this.#order('release', archiveId)) === undefined);
  }

  async #giveUp({ archiveId, conferenceId }: PlannedGivingUp): Promise<void> {
    const note = (isConfirmed: boolean): void => {
      this.#givenUp.set(archiveId, { archiveId, conferenceId, isConfirmed });
    };
    const limit = Date.now() + PATIENCE_MS;
    note(false);
    while (Date.now() < limit) {
      if ((await this.#order('decide', archiveId, 'giveUp')) === 'confirmed') {
        note(true);
        return;
      }
      await pause(AGAIN_MS);
    }
  }

  /** @returns the answer; `undefined` if there was none, and it is worth another try */
  async #order(
    order: 'hold' | 'release' | 'decide',
    archiveId: string,
    ...choice: readonly string[]
  ): Promise<string | undefined> {
    const { output } = await this.site.run(order, archiveId, ...choice, '--by', 'chaos', '--json');
    const line = output.split('\n').find((text) => text.startsWith('{'));
    const { answer } = (line === undefined ? {} : JSON.parse(line)) as { readonly answer?: string };
    if (answer !== undefined && !['unknown', 'notRecorded'].includes(answer)) return answer;
    await pause(AGAIN_MS);
    return undefined;
  }
}
