import type { Archive } from '../archives/archive';
import type { Topic } from './topics';

/** What is sent to a callback, as the guide gives it. */
export interface Notification {
  readonly data: {
    readonly archive_id: string;
    readonly archive_subject: {
      readonly conference_id: string;
      readonly meta: Readonly<Record<string, unknown>>;
    };
  };
  readonly meta: { readonly audience: string; readonly tenant: string; readonly topic: Topic };
}

/** What a notification says that is not so, and how it is sent. */
export interface Announcement {
  /** Identical deliveries to every subscription. */
  readonly times: number;
  /** All at once; else one after the other. */
  readonly concurrent: boolean;
  readonly archiveId?: string | undefined;
  readonly conferenceId?: string | undefined;
  /** In place of the data of the archive's conference. */
  readonly conferenceMeta?: Readonly<Record<string, unknown>> | undefined;
}

/** The notification of an archive, forged where the announcement says so. */
export function notificationOf(
  archive: Archive,
  announcement: Announcement,
  meta: Notification['meta'],
): Notification {
  return {
    data: {
      archive_id: announcement.archiveId ?? archive.archiveId,
      archive_subject: {
        conference_id: announcement.conferenceId ?? archive.conferenceId,
        meta: announcement.conferenceMeta ?? { ...archive.conference },
      },
    },
    meta,
  };
}
