import type { ArchiveKey } from '../domain/ids';

/** Temporal, as reconciliation uses it. Nothing here rejects. */
export interface Claims {
  /** Starts the claim of an archive, unless one is under way or succeeded. It takes its first step `startDelay` milliseconds later. */
  start(key: ArchiveKey, startDelay: number): Promise<ClaimStart>;
  /** Starts another one, unless one is under way: for an archive that is not secured, though Temporal says that its claim succeeded. */
  startAnew(key: ArchiveKey, startDelay: number): Promise<ClaimStart>;
  /** Has a claim that is under way ask the platform at once. */
  wake(key: ArchiveKey): Promise<void>;
}

/** What came of a start. `silent`: Temporal did not answer in time, or is overloaded. `refused`: it answered, and something is wrong. */
export type ClaimStart = 'started' | 'duplicate' | 'silent' | 'refused';
