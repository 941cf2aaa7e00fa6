import { setTimeout as pause } from 'node:timers/promises';
import type { ConferenceId, TenantId } from '../domain/ids';
import type { ListedArchive } from '../platform/list';
import type { PlatformOf } from '../platform/platform';

/** One listing in so many times its own duration: a platform with many archives is not asked for them all the time. */
const PAUSE_FACTOR = 10;
const LONGEST_PAUSE_MS = 60_000;
/** The time in which a list must be through. */
const LONGEST_LIST_MS = 9 * 60_000;

/** Tells which archives of a conference the platform lists, from a list that it began to send after the question. */
export type ConferenceMembers = (
  tenant: TenantId,
  conferenceId: ConferenceId,
) => Promise<readonly ListedArchive[]>;

/** Questions that come while a list is being read wait for the next one, together. */
export function createConferenceMembers(platformOf: PlatformOf): ConferenceMembers {
  const listings = new Map<TenantId, Listings>();
  return (tenant, conferenceId) => {
    const known = listings.get(tenant) ?? new Listings(platformOf, tenant);
    listings.set(tenant, known);
    return known.ask(conferenceId);
  };
}

/** The conferences that a list is to be searched for. */
type Wanted = Map<ConferenceId, ListedArchive[]>;

class Listings {
  #next: { readonly wanted: Wanted; readonly listing: Promise<number> } | undefined;
  #free: Promise<void> = Promise.resolve();

  constructor(
    private readonly platformOf: PlatformOf,
    private readonly tenant: TenantId,
  ) {}

  async ask(conferenceId: ConferenceId): Promise<readonly ListedArchive[]> {
    const { wanted, listing } = (this.#next ??= this.#plan());
    const found = wanted.get(conferenceId) ?? [];
    wanted.set(conferenceId, found);
    await listing;
    return found;
  }

  #plan() {
    const wanted: Wanted = new Map();
    const listing = this.#free.then(() => this.#list(wanted));
    this.#free = listing.then(
      (tookMs) => pause(Math.min(tookMs * PAUSE_FACTOR, LONGEST_PAUSE_MS), undefined, { ref: false }),
      () => undefined,
    );
    return { wanted, listing };
  }

  /** @returns how many milliseconds it took */
  async #list(wanted: Wanted): Promise<number> {
    // Whoever asks from here on may mean an archive that this list came too early for.
    this.#next = undefined;
    const begun = performance.now();
    for await (const archive of this.platformOf(this.tenant).list(AbortSignal.timeout(LONGEST_LIST_MS))) {
      if (archive.conferenceId !== undefined) wanted.get(archive.conferenceId)?.push(archive);
    }
    return performance.now() - begun;
  }
}
