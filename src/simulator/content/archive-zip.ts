import { crc32 } from 'node:zlib';
import { inMemory, type ByteSource } from '../bytes/byte-source';
import { excerpt } from '../bytes/excerpt';
import { keystream } from '../bytes/keystream';
import { endOverhead, entryOverhead, zip, type ZipEntry } from '../zip/zip';
import { conferenceOf } from './conference';
import { papersOf, type Paper } from './papers';
import { recording } from './recording';

/** What an archive's file is: a zip, noise, or a zip that was cut short. The last two do not open. */
export const CONTENT_KINDS = ['zip', 'notAZip', 'cutZip'] as const;

/** All there is to know of an archive's file: its bytes follow from these. The size is met to the byte. */
export interface Blueprint {
  readonly seed: string;
  readonly sizeBytes: number;
  /** `zip` where nothing is said. */
  readonly content?: (typeof CONTENT_KINDS)[number];
}

/** A zip that wants nothing but the CRC-32 of its recording, which takes a pass over it. */
export interface ArchiveZip {
  readonly recording: ByteSource;
  sealedWith(recordingCrc32: number): ByteSource;
}

const RECORDING = 'recordings/conference.mp4';
const ZIP64_FROM = 0xffffffff;

/** The least that a blueprint may ask for: the size of a zip with an empty recording and nothing else. */
export const MINIMUM_SIZE_BYTES = sizeAround([], false);

/** The file of a blueprint. */
export function archiveZip({ seed, sizeBytes, content = 'zip' }: Blueprint): ArchiveZip {
  switch (content) {
    case 'zip':
      return wholeZip(seed, sizeBytes);
    case 'notAZip': {
      const noise = keystream(seed, sizeBytes);
      return { recording: noise, sealedWith: () => noise };
    }
    case 'cutZip': {
      const zip = wholeZip(seed, sizeBytes + 1);
      return {
        ...zip,
        sealedWith: (recordingCrc32) => excerpt(zip.sealedWith(recordingCrc32), 0, sizeBytes),
      };
    }
  }
}

/** As many papers as there is room for; the recording takes what they leave. */
function wholeZip(seed: string, sizeBytes: number): ArchiveZip {
  const zip64 = sizeBytes >= ZIP64_FROM;
  const conference = conferenceOf(seed);
  const papers = papersWithin(sizeBytes, papersOf(seed, conference), zip64);
  const footage = recording(seed, sizeBytes - sizeAround(papers, zip64));
  const modifiedAt = conference.end;
  return {
    recording: footage,
    sealedWith: (recordingCrc32) =>
      zip(
        [
          { name: RECORDING, content: footage, crc32: recordingCrc32, modifiedAt },
          ...papers.map((paper) => entryOf(paper, modifiedAt)),
        ],
        zip64,
      ),
  };
}

function papersWithin(sizeBytes: number, papers: Iterable<Paper>, zip64: boolean): readonly Paper[] {
  const kept: Paper[] = [];
  for (const paper of papers) {
    if (sizeAround([...kept, paper], zip64) > sizeBytes) break;
    kept.push(paper);
  }
  return kept;
}

/** The size of the zip with these papers and an empty recording. */
function sizeAround(papers: readonly Paper[], zip64: boolean): number {
  return papers.reduce(
    (sum, { name, bytes }) => sum + entryOverhead(name, zip64) + bytes.length,
    endOverhead(zip64) + entryOverhead(RECORDING, zip64),
  );
}

function entryOf({ name, bytes }: Paper, modifiedAt: Date): ZipEntry {
  return { name, content: inMemory(bytes), crc32: crc32(bytes), modifiedAt };
}
