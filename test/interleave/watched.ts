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
  /** When the latest of the two was confirmed. */
  confirmedAt: number;
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
