import type { Archive } from './archive';
import { hasFile } from './course';

/** An archive record as the platform gives it. */
export type ArchiveRecord = Readonly<Record<string, unknown>>;

/** The record of an archive, with personal data as a real one has it. */
export function recordOf(archive: Archive): ArchiveRecord {
  const { archiveId, conferenceId, status, conference, sha256, error } = archive;
  const record: ArchiveRecord = {
    archiveId,
    conferenceId,
    status,
    ...(hasFile(status) && { sha256CheckSum: sha256 }),
    ...(error !== undefined && { error }),
    start: conference.start.toISOString(),
    end: conference.end.toISOString(),
    expert: conference.expert,
    participants: conference.participants,
  };
  const merged = Object.entries({ ...record, ...archive.recordOverrides });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}
