/** The topic of an available archive, and as one published example of the guide misspells it. */
export const ARCHIVE_TOPICS = [
  'communication.archives.archive.available',
  'communciation.archives.archive.available',
] as const;

/** A topic that the guide names besides; nothing is ever announced under it here. */
const OTHER_TOPICS = ['communication.conferences.conference.close'] as const;

/** The topics that can be subscribed to. */
export const TOPICS = [...ARCHIVE_TOPICS, ...OTHER_TOPICS] as const;

export type Topic = (typeof TOPICS)[number];

export function isArchiveTopic(topic: Topic): boolean {
  return (ARCHIVE_TOPICS as readonly Topic[]).includes(topic);
}
