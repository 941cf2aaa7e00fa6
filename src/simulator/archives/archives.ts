import { concurrencyLimit } from '../concurrency-limit';
import { fingerprint } from '../content/fingerprint';
import type { StatusCause } from '../journal/entries';
import type { Journal } from '../journal/journal';
import { Refusal } from '../refusal';
import { Archive, type ArchivePlan } from './archive';

/** Fingerprints computed at a time, so that small archives need not wait for a big one. */
const FINGERPRINTS_AT_ONCE = 4;

/** The archives of the tenant. */
export class Archives {
  readonly #journal: Journal;
  readonly #limited = concurrencyLimit(FINGERPRINTS_AT_ONCE);
  readonly #byId = new Map<string, Archive>();
  readonly #byConference = new Map<string, Archive[]>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Adds archives and begins their courses. @throws Refusal 409 where an id is taken; then none is added */
  add(plans: readonly ArchivePlan[]): readonly Archive[] {
    const taken = plans.find(({ archiveId }) => this.#byId.has(archiveId));
    if (taken) throw new Refusal(409, `There is an archive ${taken.archiveId} already.`);
    return plans.map((plan) => this.#add(plan));
  }

  all(): readonly Archive[] {
    return [...this.#byId.values()];
  }

  /** @throws Refusal 404 where there is none of this id */
  get(archiveId: string): Archive {
    const archive = this.#byId.get(archiveId);
    if (!archive) throw new Refusal(404, 'There is no such archive.');
    return archive;
  }

  ofConference(conferenceId: string): readonly Archive[] {
    return this.#byConference.get(conferenceId) ?? [];
  }

  clear(): void {
    for (const archive of this.#byId.values()) archive.remove();
    this.#byId.clear();
    this.#byConference.clear();
  }

  #add(plan: ArchivePlan): Archive {
    const archive = new Archive(plan, {
      fingerprint: (blueprint, signal) => this.#limited(() => fingerprint(blueprint, signal)),
      onStatus: (changed, previous, cause) => this.#noteStatus(changed, previous, cause),
    });
    this.#byId.set(archive.archiveId, archive);
    const siblings = this.#byConference.get(archive.conferenceId);
    if (siblings) siblings.push(archive);
    else this.#byConference.set(archive.conferenceId, [archive]);
    archive.start();
    return archive;
  }

  #noteStatus(
    { archiveId, conferenceId, status }: Archive,
    previous: string | undefined,
    cause: StatusCause,
  ): void {
    const before = previous === undefined ? {} : { previous };
    this.#journal.write({ kind: 'status', archiveId, conferenceId, status, ...before, cause });
  }
}
