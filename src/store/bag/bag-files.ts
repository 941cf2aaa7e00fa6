/** The name of each file of a bag, relative to the bag (RFC 8493 §2). */
export const BAG_FILES = {
  declaration: 'bagit.txt',
  info: 'bag-info.txt',
  manifest: 'manifest-sha256.txt',
  tagManifest: 'tagmanifest-sha256.txt',
  /** The archive itself: the only payload. */
  payload: 'data/archive.zip',
  /** The record as the platform gave it: a tag file, as it describes the payload. */
  record: 'metadata/record.json',
} as const;
