import type { ArchiveKey } from '../domain/ids';
import type { StartOutcome } from '../domain/start-outcome';

/** Temporal, as reconciliation uses it. Nothing here rejects. */
export interface Claims {
  /** Starts the claim of an archive, unless one is under way or succeeded. It takes its first step `startDelay` milliseconds later. */
  start(key: ArchiveKey, startDelay: number): Promise<StartOutcome>;
  /** Starts another one, unless one is under way: for an archive that is not secured, though Temporal says that its claim succeeded. */
  startAnew(key: ArchiveKey, startDelay: number): Promise<StartOutcome>;
  /** Has a claim that is under way ask the platform at once. */
  wake(key: ArchiveKey): Promise<void>;
}
