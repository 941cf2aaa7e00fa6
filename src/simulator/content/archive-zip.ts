import { createHash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { concatenation, excerpt, inMemory, keystream, slices, type ByteSource } from './bytes';
import { conferenceOf, papersOf, type Paper } from './conference';
import { overheadOf, zip } from './zip';

/** What an archive's file is: a zip, noise, or a zip that was cut short. The last two do not open. */
export const CONTENT_KINDS = ['zip', 'notAZip', 'cutZip'] as const;

/** All there is to know of an archive's file: its bytes follow from these. The size is met to the byte. */
export interface Blueprint {
  readonly seed: string;
  readonly sizeBytes: number;
  /** `zip` by default. */
  readonly content?: (typeof CONTENT_KINDS)[number];
}

/** A zip that lacks nothing but the CRC-32 of its recording, which takes a pass over it. */
export interface ArchiveZip {
  readonly recording: ByteSource;
  readonly sealedWith: (recordingCrc32: number) => ByteSource;
}

/** What only a pass over the whole content tells. */
export interface Fingerprint {
  readonly recordingCrc32: number;
  /** SHA-256 of the zip, lower-case hex. */
  readonly sha256: string;
}

const RECORDING = 'recordings/conference.mp4';
const ZIP64_FROM = 0xffffffff;

/** The least that a blueprint may ask for: the size of a zip with an empty recording and nothing else. */
export const MINIMUM_SIZE_BYTES = overheadOf([RECORDING], false);

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
      const { recording, sealedWith } = wholeZip(seed, sizeBytes + 1);
      return { recording, sealedWith: (checksum) => excerpt(sealedWith(checksum), 0, sizeBytes) };
    }
  }
}

/**
 * Reads the recording once for its CRC-32, which stands in the zip before it, and then the zip once for its SHA-256.
 * Lets everything else on the event loop run in between.
 * @throws the signal's reason, once it is aborted
 */
export async function fingerprint(blueprint: Blueprint, signal: AbortSignal): Promise<Fingerprint> {
  const { recording, sealedWith } = archiveZip(blueprint);
  let recordingCrc32 = 0;
  for await (const slice of unhurried(recording, signal)) recordingCrc32 = crc32(slice, recordingCrc32);
  const hash = createHash('sha256');
  for await (const slice of unhurried(sealedWith(recordingCrc32), signal)) hash.update(slice);
  return { recordingCrc32, sha256: hash.digest('hex') };
}

async function* unhurried(source: ByteSource, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (const slice of slices(source)) {
    signal.throwIfAborted();
    yield slice;
    if (source.length > slice.length) await yieldToOthers();
  }
}

/** As many papers as there is room for; the recording takes what they leave. */
function wholeZip(seed: string, sizeBytes: number): ArchiveZip {
  const zip64 = sizeBytes >= ZIP64_FROM;
  const conference = conferenceOf(seed);
  const papers: Paper[] = [];
  let room = sizeBytes - overheadOf([RECORDING], zip64);
  for (const paper of papersOf(seed, conference)) {
    const needed = overheadOf([paper.name], zip64) - overheadOf([], zip64) + paper.bytes.length;
    if (needed > room) break;
    papers.push(paper);
    room -= needed;
  }
  const recording = recordingOf(seed, room);
  return {
    recording,
    sealedWith: (recordingCrc32) => {
      const first = { name: RECORDING, content: recording, crc32: recordingCrc32 };
      const others = papers.map(({ name, bytes }) => ({
        name,
        content: inMemory(bytes),
        crc32: crc32(bytes),
      }));
      return zip([first, ...others], conference.end, zip64);
    },
  };
}

/**
 * A recording of exactly `length` bytes: the boxes of an mp4 (ISO/IEC 14496-12: `ftyp`, then one `mdat` of 64-bit size)
 * around noise. What is too short for the boxes is noise alone.
 */
function recordingOf(seed: string, length: number): ByteSource {
  const header = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isommp42\0\0\0\x01mdat\0\0\0\0\0\0\0\0', 'latin1');
  const noise = (bytes: number) => keystream(`recording:${seed}`, bytes);
  if (length < header.length) return noise(length);
  header.writeBigUInt64BE(BigInt(length - 24), 32);
  return concatenation(inMemory(header), noise(length - header.length));
}
