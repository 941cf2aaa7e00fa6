/**
 * All that the checker judges by. It comes from the platform, the database and the disk; nothing of it is what Archivist's own
 * code says of itself.
 */
export interface Evidence {
  readonly tenant: string;
  /** The store's root folder. */
  readonly store: string;
  /** What the platform has, as it is at the end. */
  readonly archives: readonly PlatformArchive[];
  readonly journal: readonly JournalEntry[];
  readonly rows: readonly LedgerRow[];
  readonly events: readonly LedgerEvent[];
  readonly claims: readonly ClaimRun[];
  /** How the archives must end that cannot be claimed, by id. Every other one must be abandoned. */
  readonly exceptions: ReadonlyMap<string, Exception>;
  /** The holds that were confirmed. */
  readonly holds: readonly Hold[];
  readonly givenUp: readonly GivenUp[];
}

/** An order of a person to give an archive up: from a confirmation on, nothing is to be told. */
export interface GivenUp {
  readonly archiveId: string;
  readonly conferenceId: string | undefined;
  readonly isConfirmed: boolean;
}

/** A hold that a person was told stands: the platform was not told before, and is not until it is released. */
export interface Hold {
  readonly archiveId: string;
  /** Milliseconds since 1970, just before the release was ordered. */
  readonly releasedAt: number;
}

/** How an archive must end that cannot be claimed. */
export type Exception =
  /** In attention, for one of these reasons, and never abandoned. */
  | { readonly end: 'attention'; readonly reasons: readonly string[] }
  /** With a copy whose bytes are right and no zip: a warning says so, and it is not abandoned. */
  | { readonly end: 'flawed' }
  /** With a copy and not abandoned, since the abandon would concern another archive that has none. */
  | { readonly end: 'secured' }
  /** As `failed`, if a person was told so; otherwise in any way, since it may have come too late. */
  | { readonly end: 'givenUp'; readonly isConfirmed: boolean }
  /** With a copy: a person gave up another archive of the conference, in time or not. */
  | { readonly end: 'copy' };

export interface PlatformArchive {
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly sizeBytes: number;
  readonly status: string;
  /** Of the true bytes, whatever the record said and the downloads gave. */
  readonly sha256?: string;
}

/** What the simulator writes down; fields of other kinds of entries are absent. */
export interface JournalEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly archiveId?: string;
  readonly conferenceId?: string;
  readonly status?: string;
  readonly endpoint?: string;
  readonly startedAt?: string;
  readonly affected?: readonly string[];
  /** How the simulator misbehaved. */
  readonly fault?: string;
}

export interface LedgerRow {
  readonly tenant: string;
  readonly archiveId: string;
  readonly state: string;
  readonly sha256: string | null;
  readonly attention: string | null;
  readonly warning: string | null;
  readonly eventCount: number;
  readonly lastEventHash: string;
}

export interface LedgerEvent {
  readonly tenant: string;
  readonly archiveId: string;
  readonly sequence: number;
  /** In UTC with microseconds, as its hash is over it. */
  readonly at: string;
  readonly type: string;
  readonly outcome: string;
  /** JSON, as the database writes it and its hash is over it. */
  readonly detail: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** One run of a claim's workflow. */
export interface ClaimRun {
  readonly archiveId: string;
  readonly runId: string;
  readonly completed: boolean;
}
