import type { FaultRule } from '../faults/rules';
import type { JournalEntry } from '../journal/entries';
import type { JournalFilter } from '../journal/journal';
import type { DeliveryOutcome } from '../notifications/courier';
import type { ArchivesSpec, NotifySpec, StatusSpec } from './specs';

/** An archive that was made. */
export interface CreatedArchive {
  readonly archiveId: string;
  readonly conferenceId: string;
  readonly sizeBytes: number;
}

/** What the simulator knows of an archive. */
export interface ArchiveState extends CreatedArchive {
  readonly status: string;
  readonly error?: string;
  /** Absent until it is computed, whatever the record says. */
  readonly sha256?: string;
}

/** What stands behind the scenes of the platform: the same over HTTP and within the process. */
export interface SimulatorControl {
  createArchives(spec?: ArchivesSpec): Promise<readonly CreatedArchive[]>;
  archive(archiveId: string): Promise<ArchiveState>;
  /** Polls until the archive has the status. @throws Error after `timeoutMs` (30 seconds by default) */
  untilStatus(archiveId: string, status: string, timeoutMs?: number): Promise<ArchiveState>;
  /** Sets a status by force and ends the archive's course; resolves when the archive has it. */
  setStatus(archiveId: string, spec: StatusSpec): Promise<ArchiveState>;
  /** Announces an archive again; resolves with how every delivery ended. */
  notify(archiveId: string, spec?: NotifySpec): Promise<readonly DeliveryOutcome[]>;
  /**
   * Sets the faults that requests meet from now on, in place of those set before; what archives were made with stays.
   * @param options.seed what the probabilities follow from
   */
  setFaults(rules: readonly FaultRule[], options?: { readonly seed?: string }): Promise<void>;
  /** Takes back all faults, those that archives were made with included. */
  clearFaults(): Promise<void>;
  /** All entries that match, oldest first. */
  journal(filter?: JournalFilter): Promise<readonly JournalEntry[]>;
  /** Forgets archives, faults, subscriptions, deliveries and the journal. */
  reset(): Promise<void>;
}
