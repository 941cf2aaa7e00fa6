import { crc32 } from 'node:zlib';
import { inMemory, type ByteSource } from '../bytes/byte-source';
import { zip, zipOverhead } from '../zip/zip';
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
export const MINIMUM_SIZE_BYTES = zipOverhead([RECORDING], false);

/** The zip of a blueprint: the recording takes the room that the papers leave; papers that do not fit are left out. */
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
          ...papers.map(({ name, bytes }) => ({
            name,
            content: inMemory(bytes),
            crc32: crc32(bytes),
            modifiedAt,
          })),
        ],
        zip64,
      ),
  };
}

function papersWithin(sizeBytes: number, papers: readonly Paper[], zip64: boolean): readonly Paper[] {
  let kept = papers;
  while (kept.length > 0 && sizeAround(kept, zip64) > sizeBytes) kept = kept.slice(0, -1);
  return kept;
}

/** The size of the zip with these papers and an empty recording. */
function sizeAround(papers: readonly Paper[], zip64: boolean): number {
  const content = papers.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return content + zipOverhead([RECORDING, ...papers.map(({ name }) => name)], zip64);
}
