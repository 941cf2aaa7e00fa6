import type { ConferenceId } from './ids';

/** The platform's record of one archive: the fields that a claim needs, and the whole body. */
export interface ArchiveRecord {
  readonly status: string;
  /** Absent if the record has none, or one that cannot be used as a URL segment. */
  readonly conferenceId?: ConferenceId;
  /** Lower-case hex; absent if the record has none, or something that is no SHA-256. */
  readonly sha256?: string;
  /** The bytes of the response body: JSON. Personal data. */
  readonly source: Uint8Array;
  /** What the body says: parsed JSON. Personal data. */
  readonly content: unknown;
}
