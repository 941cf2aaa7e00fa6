/** The topic of an available archive. Both spellings: a published example of the platform's guide has the second. */
export const TOPICS = [
  'communication.archives.archive.available',
  'communciation.archives.archive.available',
] as const;

export function isArchiveTopic(topic: string): boolean {
  return (TOPICS as readonly string[]).includes(topic);
}
