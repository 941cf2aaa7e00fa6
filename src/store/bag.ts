import { createHash } from 'node:crypto';
import type { ArchiveKey } from '../domain/ids';
import type { BagContents } from './archive-store';

/** The name of each file of a bag, relative to the bag (RFC 8493 §2). */
export const BAG_FILES = {
  declaration: 'bagit.txt',
  info: 'bag-info.txt',
  manifest: 'manifest-sha256.txt',
  tagManifest: 'tagmanifest-sha256.txt',
  /** The archive itself: the only payload. */
  payload: 'data/archive.zip',
  /** The record as the platform sent it: a tag file, because it describes the payload. */
  record: 'metadata/record.json',
} as const;

/** One file of a bag beside its payload; text is in UTF-8. */
interface TagFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/**
 * Everything that makes an archive a bag, in the order in which it is written: the tag manifest, which vouches for the
 * others, comes last. RFC 8493: declaration §2.1.1, manifest §2.1.3, tag manifest §2.2.1, bag-info §2.2.2.
 */
export function composeTagFiles(key: ArchiveKey, contents: BagContents, sealedAt: Date): readonly TagFile[] {
  const files = [
    { name: BAG_FILES.declaration, content: 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' },
    { name: BAG_FILES.info, content: bagInfo(key, contents, sealedAt) },
    { name: BAG_FILES.manifest, content: manifestLine(contents.sha256, BAG_FILES.payload) },
    { name: BAG_FILES.record, content: contents.recordSource },
  ];
  const tagManifest = files.map(({ name, content }) => manifestLine(sha256(content), name)).join('');
  return [...files, { name: BAG_FILES.tagManifest, content: tagManifest }];
}

function bagInfo({ tenant, archiveId }: ArchiveKey, contents: BagContents, sealedAt: Date): string {
  const elements: readonly (readonly [string, string])[] = [
    ['Bagging-Date', sealedAt.toISOString().slice(0, 10)],
    ['Bag-Software-Agent', 'flexperto-archivist'],
    ['External-Description', 'Conference archive, and the record that the platform kept of it'],
    ['External-Identifier', archiveId],
    ['Bag-Group-Identifier', tenant],
    ['Internal-Sender-Identifier', contents.conferenceId],
    ['Internal-Sender-Description', 'The Internal-Sender-Identifier is the id of the conference'],
    ['Payload-Oxum', `${contents.sizeBytes}.1`],
  ];
  // A line break within a value would begin a new element.
  return elements.map(([label, value]) => `${label}: ${value.replaceAll(/[\r\n]+/g, ' ')}\n`).join('');
}

function manifestLine(checksum: string, name: string): string {
  return `${checksum}  ${name}\n`;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * The SHA-256 of the archive in a payload manifest, lower-case hex; `undefined` if there is none.
 * Parses every form that RFC 8493 §2.1.3 allows, because another tool may have repaired the bag.
 */
export function checksumIn(manifest: string): string | undefined {
  for (const line of linesOf(manifest)) {
    const [, checksum, name] = /^([0-9a-fA-F]{64})[ \t]+(.+)$/.exec(line) ?? [];
    if (name === BAG_FILES.payload) return checksum?.toLowerCase();
  }
  return undefined;
}

/** The size of the archive in bytes, from the `Payload-Oxum` of a `bag-info.txt`; `undefined` if there is none. */
export function sizeIn(bagInfo: string): number | undefined {
  const [, size] = /^(\d{1,15})\.1$/.exec(elementIn(bagInfo, 'Payload-Oxum') ?? '') ?? [];
  return size === undefined ? undefined : Number(size);
}

/**
 * Whether a `bag-info.txt` names this archive. If a filesystem ignores case (`a` and `A` are the same name), the bag in an
 * archive's place can be another's.
 */
export function isBagOf(bagInfo: string, { tenant, archiveId }: ArchiveKey): boolean {
  return (
    elementIn(bagInfo, 'External-Identifier') === archiveId &&
    elementIn(bagInfo, 'Bag-Group-Identifier') === tenant
  );
}

function elementIn(bagInfo: string, label: string): string | undefined {
  const start = `${label.toLowerCase()}:`;
  const line = linesOf(bagInfo).find((each) => each.toLowerCase().startsWith(start));
  return line?.slice(start.length).trim();
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}
