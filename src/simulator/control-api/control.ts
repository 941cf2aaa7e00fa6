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
  /** All entries that match, oldest first. */
  journal(filter?: JournalFilter): Promise<readonly JournalEntry[]>;
  /** Forgets archives, subscriptions, deliveries and the journal. */
  reset(): Promise<void>;
}
