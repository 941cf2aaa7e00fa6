import type { ArchiveKey } from '../../domain/ids';
import { BAG_FILES } from './bag-files';

/**
 * The SHA-256 that a payload manifest gives for the archive, lower-case hex; `undefined` where it gives none.
 * Reads every form that RFC 8493 §2.1.3 allows, as a bag may have been repaired by another tool.
 */
export function checksumIn(manifest: string): string | undefined {
  for (const line of linesOf(manifest)) {
    const [, checksum, name] = /^([0-9a-fA-F]{64})[ \t]+(.+)$/.exec(line) ?? [];
    if (name === BAG_FILES.payload) return checksum?.toLowerCase();
  }
  return undefined;
}

/** The size of the archive in bytes, from the `Payload-Oxum` of a `bag-info.txt`; `undefined` where it says none. */
export function sizeIn(bagInfo: string): number | undefined {
  const [, size] = /^(\d{1,15})\.1$/.exec(elementIn(bagInfo, 'Payload-Oxum') ?? '') ?? [];
  return size === undefined ? undefined : Number(size);
}

/**
 * Whether a `bag-info.txt` names this archive. Where a filesystem takes `a` and `A` for the same name, the bag in an
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
