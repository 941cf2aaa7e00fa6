import { createHash } from 'node:crypto';
import type { ArchiveKey } from '../../domain/ids';
import type { BagContents } from '../archive-store';
import { BAG_FILES } from './bag-files';

/** One file of a bag beside its payload. */
export interface TagFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Everything that makes an archive a bag, in the order in which it is written: the tag manifest, which vouches for the
 * others, comes last. RFC 8493: declaration §2.1.1, manifest §2.1.3, tag manifest §2.2.1, bag-info §2.2.2.
 */
export function composeTagFiles(key: ArchiveKey, contents: BagContents, sealedAt: Date): readonly TagFile[] {
  const files = [
    tagFile(BAG_FILES.declaration, 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'),
    tagFile(BAG_FILES.info, bagInfo(key, contents, sealedAt)),
    tagFile(BAG_FILES.manifest, manifestLine(contents.sha256, BAG_FILES.payload)),
    tagFile(BAG_FILES.record, contents.recordSource),
  ];
  const tagManifest = files.map(({ name, bytes }) => manifestLine(sha256(bytes), name)).join('');
  return [...files, tagFile(BAG_FILES.tagManifest, tagManifest)];
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
  return elements.map(([label, value]) => `${label}: ${onOneLine(value)}\n`).join('');
}

/** A line break would begin a new element. */
function onOneLine(value: string): string {
  return value.replaceAll(/[\r\n]+/g, ' ');
}

function manifestLine(checksum: string, name: string): string {
  return `${checksum}  ${name}\n`;
}

function tagFile(name: string, text: string): TagFile {
  return { name, bytes: Buffer.from(text, 'utf8') };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
