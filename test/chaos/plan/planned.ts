import type { ArchivesSpec } from '../../../src/simulator';
import type { Exception } from '../checker/evidence';

/** A conference with its archives; they come into being at the same moment. */
export interface PlannedConference {
  readonly atMs: number;
  readonly archives: readonly PlannedArchive[];
}

export interface PlannedArchive {
  readonly archiveId: string;
  readonly spec: ArchivesSpec;
  /** Present where it cannot be claimed. */
  readonly exception?: Exception;
}
