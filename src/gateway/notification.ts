import { z } from 'zod';
import { isArchiveId, type ArchiveId } from '../domain/ids';
import { isArchiveTopic } from '../domain/topics';

/** Only what is used is looked at: the platform may send any further property, of any type, and its meta is personal data. */
const schema = z.looseObject({
  data: z.looseObject({ archive_id: z.custom<ArchiveId>(isArchiveId) }),
});
const topicSchema = z.looseObject({ meta: z.looseObject({ topic: z.string() }) });

export type Notification =
  | { readonly kind: 'available'; readonly archiveId: ArchiveId }
  /** Another topic: acknowledged, and nothing else. */
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed' };

/** Reads a notification. It is a hint and no more: nothing in it is believed but that an archive of this id may exist. */
export function parseNotification(body: unknown): Notification {
  const { data: withTopic } = topicSchema.safeParse(body);
  if (withTopic && !isArchiveTopic(withTopic.meta.topic)) return { kind: 'other' };
  const { data: notification } = schema.safeParse(body);
  return notification
    ? { kind: 'available', archiveId: notification.data.archive_id }
    : { kind: 'malformed' };
}
