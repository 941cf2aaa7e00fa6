import { hasEnded, lookAt, type Look } from './look';
import type { People } from './people';
import type { PlannedArchive } from './plan/planned';
import type { Site } from './site/site';

const LOOKS_AT_ONCE = 8;

/** What a platform shows when there is a reason to claim the archive by hand: it is there, or nobody will ever announce it. */
const CLAIMABLE = ['AVAILABLE', 'ABANDONED', 'FAILED'];

/**
 * The person who looks after it all: claims what the platform lists and no claim runs for, as the platform gives a
 * notification up after about a second, and wakes claims that need a person though their cause is gone.
 */
export class Operator {
  readonly #site: Site;
  readonly #completed = new Set<string>();
  readonly #renotified = new Set<string>();
  readonly #woken = new Set<string>();

  constructor(
    site: Site,
    private readonly people: People,
  ) {
    this.#site = site;
  }

  /** How many archives were claimed by hand, as nobody claimed them. */
  get renotified(): number {
    return this.#renotified.size;
  }

  /** How many claims were told to look again. */
  get woken(): number {
    return this.#woken.size;
  }

  /**
   * Looks at every archive and does what is to be done.
   * @returns those that are not where they must be in the end, and where they are
   */
  async round(archives: readonly PlannedArchive[]): Promise<ReadonlyMap<PlannedArchive, string>> {
    const open = new Map<PlannedArchive, string>();
    const toClaim: string[] = [];
    const left = archives.filter(({ archiveId }) => !this.#completed.has(archiveId));
    for (let first = 0; first < left.length; first += LOOKS_AT_ONCE) {
      for (const [archive, look] of await this.#look(left.slice(first, first + LOOKS_AT_ONCE))) {
        if (hasEnded(this.people.exceptionOf(archive), look)) {
          if (look.state === 'abandoned') this.#completed.add(archive.archiveId);
          continue;
        }
        if (await this.#wasAbandonedLater(archive, look)) {
          this.#completed.add(archive.archiveId);
          continue;
        }
        open.set(archive, [look.run, look.state, look.attention].filter(Boolean).join(', '));
        if (!(await this.#mustClaim(archive, look))) continue;
        toClaim.push(archive.archiveId);
        (isUnclaimed(look) ? this.#renotified : this.#woken).add(archive.archiveId);
      }
    }
    if (toClaim.length > 0) await this.#claim(toClaim);
    return open;
  }

  async #look(archives: readonly PlannedArchive[]): Promise<readonly (readonly [PlannedArchive, Look])[]> {
    const { temporal } = this.#site;
    return Promise.all(
      archives.map(async (archive) => [archive, await lookAt(temporal, archive.archiveId)] as const),
    );
  }

  /** A claim that waited with its abandon has ended; another archive's claim, or a stranger, abandoned the conference. */
  async #wasAbandonedLater(archive: PlannedArchive, look: Look): Promise<boolean> {
    const { archiveId } = archive;
    const exception = this.people.exceptionOf(archive);
    if (exception !== undefined || look.run !== 'completed' || look.state !== 'secured') return false;
    return (await this.#site.platform.simulator.archive(archiveId)).status === 'ABANDONED';
  }

  async #mustClaim(archive: PlannedArchive, look: Look): Promise<boolean> {
    const { archiveId } = archive;
    const exception = this.people.exceptionOf(archive);
    // To claim it would take back what a person decided.
    if (exception?.end === 'givenUp') return false;
    if (isUnclaimed(look))
      return CLAIMABLE.includes((await this.#site.platform.simulator.archive(archiveId)).status);
    if (look.attention === undefined) return false;
    return exception?.end !== 'attention' || !exception.reasons.includes(look.attention);
  }

  /** @throws if not all of them could be claimed */
  async #claim(archiveIds: readonly string[]): Promise<void> {
    const { ok, output } = await this.#site.run('claim', ...archiveIds);
    if (!ok) throw new Error(output);
  }
}

function isUnclaimed({ run }: Look): boolean {
  return run === 'none' || run === 'failed';
}
