import type { FaultName } from './faults/rules';
import type { JournalFilter } from './control/specs';
import type { EndpointName } from './platform/endpoints';

/** A request to the platform's API that has ended, one way or the other. */
export interface RequestEntry {
  readonly kind: 'request';
  readonly endpoint: EndpointName | 'unknown';
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly archiveId?: string;
  readonly conferenceId?: string;
  readonly subscriptionId?: string;
  /** Absent if the client went away before there was an answer. */
  readonly statusCode?: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly ms: number;
  /** Bytes of the body that were handed to the connection. */
  readonly bytesSent: number;
  /** Of a file: the positions that the answer was to hold, from `start` to before `end`. */
  readonly range?: { readonly start: number; readonly end: number };
  /** The whole answer was handed to the connection before it closed. */
  readonly complete: boolean;
  /** The fault that struck. */
  readonly fault?: FaultName;
  /** `foreignFile` only: whether the client sent a header `api-key` to this other origin, which it must not. */
  readonly apiKeySent?: boolean;
  /** Abandon only: whether it changed the status of any archive, and of which. */
  readonly effect?: boolean;
  readonly affected?: readonly string[];
}

/** What a gateway's answer has as its field `status`. */
export const GATEWAY_ANSWERS = ['accepted', 'duplicate', 'ignored'] as const;

/** What came of one POST to a callback. */
export interface AttemptOutcome {
  /** 199 < status < 399 within 3 seconds. */
  readonly acknowledged: boolean;
  readonly statusCode?: number;
  /** `Timeout`, or the code or class of what went wrong. */
  readonly error?: string;
  readonly answer?: (typeof GATEWAY_ANSWERS)[number];
}

/** One attempt to deliver a notification. */
export interface DeliveryEntry extends AttemptOutcome {
  readonly kind: 'delivery';
  readonly subscriptionId: string;
  /** The callback's URL without the last segment of its path, which is a secret, and without a query. */
  readonly url: string;
  /** As the notification has it. */
  readonly archiveId: string;
  /** 1 to 4. */
  readonly attempt: number;
  readonly ms: number;
}

/** Why a status changed. */
export type StatusCause = 'created' | 'course' | 'abandon' | 'expiry' | 'control';

export interface StatusEntry {
  readonly kind: 'status';
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly status: string;
  readonly cause: StatusCause;
}

export type JournalEvent = RequestEntry | DeliveryEntry | StatusEntry;

/** An event with its number, which grows by one from entry to entry, also across a reset, and its time (ISO 8601). */
export type JournalEntry = { readonly seq: number; readonly at: string } & JournalEvent;

/**
 * Entries that are kept: some 50 for each of 10,000 archives. A run with 10,000 archives makes about 15 for each, so
 * none of it is dropped; a full journal takes some 200 MB.
 */
export const JOURNAL_CAPACITY = 500_000;

const DROPPED_AT_ONCE = 50_000; // Costs next to nothing for each.

/** What happened, in order. Holds identifiers, statuses and figures; never personal data, secrets or bodies. */
export class Journal {
  #entries: JournalEntry[] = [];
  #lastSeq = 0;
  #dropped = 0;

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
    const first = this.#lastSeq - this.#entries.length + 1;
    for (let index = Math.max(0, (filter.after ?? 0) - first + 1); found.length < limit; index += 1) {
      const entry = this.#entries[index];
      if (!entry) break;
      if (matches(entry, filter)) found.push(entry);
    }
    return found;
  }

  /** The latest attempts to deliver to a subscription, newest first. */
  latestDeliveries(subscriptionId: string, limit: number): readonly (JournalEntry & DeliveryEntry)[] {
    const deliveries = this.#entries.filter((entry) => entry.kind === 'delivery');
    const found = deliveries.filter((entry) => entry.subscriptionId === subscriptionId);
    return found.slice(-limit).reverse();
  }

  /** Forgets everything; the numbering goes on. */
  clear(): void {
    this.#entries = [];
    this.#dropped = 0;
  }
}

function matches(entry: JournalEntry, { archiveId, conferenceId, kind, endpoint }: JournalFilter): boolean {
  const affected = entry.kind === 'request' ? (entry.affected ?? []) : [];
  return (
    (kind === undefined || entry.kind === kind) &&
    (archiveId === undefined || entry.archiveId === archiveId || affected.includes(archiveId)) &&
    (conferenceId === undefined || ('conferenceId' in entry && entry.conferenceId === conferenceId)) &&
    (endpoint === undefined || ('endpoint' in entry && entry.endpoint === endpoint))
  );
}
