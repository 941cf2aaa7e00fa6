import type { Overcome, Seen } from '../in-spite-of';

const MIB = 1024 * 1024;
const KIB = 1024;

/** A connection that never lasts brings so much. */
const MORSEL = 300 * KIB;

/** Nothing of it is kept. */
const gotAfresh: Pick<Overcome, 'failures' | 'way'> = {
  failures: ['verifyCopy: ChecksumMismatch'],
  way: expectWholeAtLast,
};

/** What a file is, or how it ends. */
export const BODIES: Readonly<Record<string, Overcome>> = {
  'that ends too soon, and the rest alone is asked for': {
    archive: { size: 4 * MIB, faults: [{ fault: 'truncate', after: 3 * MIB, times: 1 }] },
    failures: ['downloadArchive: TransferInterrupted'],
    way: ({ downloads: [, second], sizeBytes }) => {
      expect(second).toMatchObject({ statusCode: 206, range: { end: sizeBytes } });
      expect(second?.range?.start).toBeGreaterThanOrEqual(MIB);
    },
  },
  'that always ends too soon: it is got morsel by morsel': {
    archive: { size: MIB, faults: [{ fault: 'truncate', after: MORSEL, times: 20 }] },
    failures: { each: 'downloadArchive: TransferInterrupted' },
    way: expectMorsels,
  },
  'that ends too soon and looks complete': {
    archive: { faults: [{ fault: 'truncate', contentLength: false, times: 1 }] },
    ...gotAfresh,
  },
  'of which one bit is wrong': {
    archive: { faults: [{ fault: 'flipBit', times: 2 }] },
    failures: ['verifyCopy: ChecksumMismatch', 'verifyCopy: ChecksumMismatch'],
    way: ({ downloads }) => expect(downloads).toHaveLength(3),
  },
  'that is shorter than announced': {
    archive: { size: 4 * MIB, faults: [{ fault: 'wrongLength', by: 100, times: 1 }] },
    failures: ['downloadArchive: TransferInterrupted'],
    way: expectWholeAtLast,
  },
  'that is longer than announced': {
    archive: { faults: [{ fault: 'wrongLength', by: -100, times: 1 }] },
    ...gotAfresh,
  },
  'whose length is not announced': {
    archive: { faults: [{ fault: 'chunked' }] },
    way: ({ downloads }) => expect(downloads).toMatchObject([{ fault: 'chunked', complete: true }]),
  },
  'that is compressed though nobody asked for that': refused('gzip'),
  'that is a web page': refused('htmlPage'),
  'that is an error in JSON': refused('jsonError'),
};

function refused(fault: 'gzip' | 'htmlPage' | 'jsonError'): Overcome {
  return {
    archive: { faults: [{ fault, times: 2 }] },
    failures: ['downloadArchive: FileRefused', 'downloadArchive: FileRefused'],
    way: expectWholeAtLast,
  };
}

function expectWholeAtLast({ downloads, sizeBytes }: Seen): void {
  expect(downloads.at(-1)).toMatchObject({ statusCode: 200, range: { start: 0, end: sizeBytes } });
}

/** Each request begins behind the one before, and the last is whole. */
function expectMorsels({ downloads }: Seen): void {
  const starts = downloads.map(({ range }) => range?.start ?? 0);
  expect(starts).toEqual([...new Set(starts)].sort((one, other) => one - other));
  expect(downloads.length).toBeLessThan(10);
}
