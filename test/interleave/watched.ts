/** What the oracle knows of an archive, from the platform, the store, people's answers and the rows: no code of the product. */
export interface Watched {
  readonly sha256: string;
  /** When it joined its conference. */
  joinedAt: number;
  vanishedAt: number;
  abandonedByUs: boolean;
  /** Confirmed, and not taken back since. */
  held: boolean;
  ended: boolean;
  /** When it last changed its conference. */
  movedAt: number;
  /** When whoever decided about it last had read its record before: nobody can tell what holds for a conference that it joins later. */
  knownAt: number;
  wanted: boolean;
  /** When it was last secured, released, or ordered to be abandoned. */
  changedAt: number;
  conferenceId: string;
  row?: Row;
}

export interface Row {
  readonly archive_id: string;
  readonly state: string;
  readonly told_at: Date | null;
  readonly secured_at: Date | null;
  readonly held_at: Date | null;
  readonly decision: string | null;
  readonly fixity_ok: boolean | null;
  readonly fence_at: string;
  readonly run_id: string;
  readonly step: number;
  readonly attempt: number;
}

/** Whether the archive has not changed its conference since whoever decided about it last read its record. */
export function isKnown({ movedAt, knownAt }: Watched): boolean {
  return movedAt <= knownAt;
}

/** The fence, to be compared as text. */
export function keyOf({ fence_at, run_id, step, attempt }: Row): string {
  return [fence_at.padStart(20, '0'), run_id, step, String(attempt).padStart(5, '0')].join(' ');
}
