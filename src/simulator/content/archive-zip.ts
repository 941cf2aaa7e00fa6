import { crc32 } from 'node:zlib';
import { inMemory, type ByteSource } from '../bytes/byte-source';
import { endOverhead, entryOverhead, zip, type ZipEntry } from '../zip/zip';
import { conferenceOf } from './conference';
import { papersOf, type Paper } from './papers';
import { recording } from './recording';

/** All there is to know of an archive's zip: its bytes follow from these two. The size is met to the byte. */
export interface Blueprint {
  readonly seed: string;
  readonly sizeBytes: number;
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

/** The zip of a blueprint: as many papers as there is room for; the recording takes what they leave. */
export function archiveZip({ seed, sizeBytes }: Blueprint): ArchiveZip {
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
