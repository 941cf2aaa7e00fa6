import type { ConferenceId } from './ids';

/** The platform's record of one archive: the fields that a claim needs, and the whole as it came. */
export interface ArchiveRecord {
  readonly status: string;
  /** Absent if the record has none, or one that is not fit to become a URL segment. */
  readonly conferenceId?: ConferenceId;
  /** Lower-case hex; absent if the record has none, or something that is no SHA-256. */
  readonly sha256?: string;
  /** The response body as it came, a byte order mark included: JSON in UTF-8 or Latin-1. Personal data. */
  readonly source: string;
}
