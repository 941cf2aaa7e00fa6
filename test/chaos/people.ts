import { setTimeout as pause } from 'node:timers/promises';
import type { Hold } from './checker/evidence';
import type { PlannedHold } from './plan/trial';
import type { Site } from './site/site';

/** Between two tries of a command that could not be carried out: servers may be down. */
const AGAIN_MS = 1_000;
/** A person who gets no answer for so long lets it be; what was written must be released all the same. */
const PATIENCE_MS = 60_000;
const LONGEST_MS = 10 * 60_000;

/** People who hold archives and release them again, by the command line, while everything around them fails. */
export class People {
  readonly holds: Hold[] = [];
  readonly #underWay: Promise<void>[] = [];

  constructor(private readonly site: Site) {}

  /** Holds an archive, releases it after a while, and goes on trying in the background until that is done. */
  hold(planned: PlannedHold): void {
    this.#underWay.push(this.#holdForAWhile(planned));
  }

  /** Until every hold is released. */
  async done(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #holdForAWhile({ archiveId, forMs }: PlannedHold): Promise<void> {
    const limit = Date.now() + PATIENCE_MS;
    let answer: string | undefined;
    while (answer === undefined && Date.now() < limit) answer = await this.#order('hold', archiveId);
    await pause(forMs);
    if (answer === 'obeyed') this.holds.push({ archiveId, releasedAt: Date.now() });
    // Also if no answer came: it may have been written.
    const end = Date.now() + LONGEST_MS;
    while (Date.now() < end && (await this.#order('release', archiveId)) === undefined);
  }

  /** @returns the answer; `undefined` if there was none, and it is worth another try */
  async #order(order: 'hold' | 'release', archiveId: string): Promise<string | undefined> {
    const { output } = await this.site.run(order, archiveId, '--by', 'chaos', '--json');
    const line = output.split('\n').find((text) => text.startsWith('{'));
    const { answer } = (line === undefined ? {} : JSON.parse(line)) as { readonly answer?: string };
    if (answer !== undefined && !['unknown', 'notRecorded'].includes(answer)) return answer;
    await pause(AGAIN_MS);
    return undefined;
  }
}
