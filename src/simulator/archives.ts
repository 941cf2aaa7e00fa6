import pLimit from 'p-limit';
import { availabilityOf } from '../domain/statuses';
import { Archive, hasFile, type ArchivePlan } from './archive';
import { fingerprint } from './content/archive-zip';
import type { Journal } from './journal';
import { Refusal } from './refusal';

/** Fingerprints computed at a time, so that small archives need not wait for a big one. */
const FINGERPRINTS_AT_ONCE = 4;

export class Archives {
  readonly #limit = pLimit(FINGERPRINTS_AT_ONCE);
  readonly #byId = new Map<string, Archive>();

  constructor(private readonly journal: Journal) {}

  /** Adds archives and begins their courses. @throws Refusal 409 if an id is taken; then none is added */
  add(plans: readonly ArchivePlan[]): readonly Archive[] {
    const taken = plans.find(({ archiveId }) => this.#byId.has(archiveId));
    if (taken) throw new Refusal(409, `There is an archive ${taken.archiveId} already.`);
    return plans.map((plan) => {
      const archive = new Archive(plan, this.journal, (...file) => this.#limit(fingerprint, ...file));
      this.#byId.set(archive.archiveId, archive);
      return archive;
    });
  }

  all(): readonly Archive[] {
    return [...this.#byId.values()];
  }

  /** @throws Refusal 404 if there is none of this id */
  get(archiveId: string): Archive {
    const archive = this.#byId.get(archiveId);
    if (!archive) throw new Refusal(404, 'There is no such archive.');
    return archive;
  }

  ofConference(conferenceId: string): readonly Archive[] {
    return this.all().filter((archive) => archive.conferenceId === conferenceId);
  }

  clear(): void {
    for (const archive of this.#byId.values()) archive.remove();
    this.#byId.clear();
  }
}

/**
 * Abandons those of the archives that are AVAILABLE. Doing so again is no error and has no effect.
 * @returns the ids of the archives whose status changed
 * @throws Refusal 404 if there is no archive, 409 if none has been AVAILABLE yet
 */
export async function abandon(archives: readonly Archive[]): Promise<readonly string[]> {
  if (archives.length === 0) throw new Refusal(404, 'There is no such archive.');
  if (!archives.some(({ status }) => hasFile(status)))
    throw new Refusal(409, 'The archive is not available yet.');
  const available = archives.filter(({ status }) => availabilityOf(status) === 'available');
  await Promise.all(available.map((archive) => archive.become('ABANDONED', 'abandon')));
  return available.map(({ archiveId }) => archiveId);
}
