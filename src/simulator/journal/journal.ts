import type { JournalEntry, JournalEvent } from './entries';

/** Which entries to give; every condition must hold. */
export interface JournalFilter {
  /** Only entries with a greater `seq`. */
  readonly after?: number | undefined;
  readonly archiveId?: string | undefined;
  readonly conferenceId?: string | undefined;
  readonly kind?: JournalEntry['kind'] | undefined;
  readonly endpoint?: string | undefined;
}

/**
 * Entries that are kept: some 50 for each of 10,000 archives. A run with 10,000 archives makes about 15 for each, so
 * none of it is dropped; a full journal takes some 200 MB.
 */
export const JOURNAL_CAPACITY = 500_000;

/** Entries dropped at a time, so that dropping costs next to nothing for each. */
const DROPPED_AT_ONCE = 50_000;

/** What happened, in order. Holds identifiers, statuses and figures; never personal data, secrets or bodies. */
export class Journal {
  #entries: JournalEntry[] = [];
  #lastSeq = 0;
  #dropped = 0;

  /** Entries that were dropped for want of room since the last reset. */
  get dropped(): number {
    return this.#dropped;
  }

  write(event: JournalEvent): void {
    this.#lastSeq += 1;
    this.#entries.push({ seq: this.#lastSeq, at: new Date().toISOString(), ...event });
    if (this.#entries.length >= JOURNAL_CAPACITY + DROPPED_AT_ONCE) {
      this.#entries.splice(0, DROPPED_AT_ONCE);
      this.#dropped += DROPPED_AT_ONCE;
    }
  }

  /** The first `limit` entries that match, oldest first. */
  read(filter: JournalFilter, limit = Infinity): readonly JournalEntry[] {
    const found: JournalEntry[] = [];
    for (let index = this.#indexAfter(filter.after ?? 0); index < this.#entries.length; index += 1) {
      const entry = this.#entries[index];
      if (entry && matches(entry, filter)) found.push(entry);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Forgets everything; the numbering goes on. */
  clear(): void {
    this.#entries = [];
    this.#dropped = 0;
  }

  #indexAfter(seq: number): number {
    const first = this.#lastSeq - this.#entries.length + 1;
    return Math.max(0, seq - first + 1);
  }
}

function matches(entry: JournalEntry, { archiveId, conferenceId, kind, endpoint }: JournalFilter): boolean {
  return (
    (kind === undefined || entry.kind === kind) &&
    (archiveId === undefined || concernsArchive(entry, archiveId)) &&
    (conferenceId === undefined || ('conferenceId' in entry && entry.conferenceId === conferenceId)) &&
    (endpoint === undefined || ('endpoint' in entry && entry.endpoint === endpoint))
  );
}

function concernsArchive(entry: JournalEntry, archiveId: string): boolean {
  if (entry.archiveId === archiveId) return true;
  return entry.kind === 'request' && (entry.affected?.includes(archiveId) ?? false);
}
