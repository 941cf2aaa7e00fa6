import type { FaultRule } from '../../src/simulator';
import { abandonsOf } from './evidence';
import { claimsInSpiteOf, type Overcome } from './in-spite-of';

const MIB = 1024 * 1024;

/** Asked for in this order by every claim. */
const STEPS = { record: 'awaitAvailable', download: 'downloadArchive', abandon: 'abandonArchive' } as const;
type Endpoint = keyof typeof STEPS;

/** Only the record tells what became of a request to abandon. */
function failureAt(endpoint: Endpoint): string {
  return `${STEPS[endpoint]}: ${endpoint === 'abandon' ? 'AbandonUnconfirmed' : 'PlatformUnavailable'}`;
}

const CONNECTIONS: Readonly<Record<string, Overcome>> = {
  ...atEachEndpoint('that hangs up, asked for the', (endpoint) => ({
    archive: { faults: [{ fault: 'hangUp', endpoint, times: 2 }] },
    failures: Array.from({ length: 2 }, () => failureAt(endpoint)),
  })),
  ...atEachEndpoint('that never answers, asked for the', (endpoint) => ({
    archive: { faults: [{ fault: 'noAnswer', endpoint, times: 1 }] },
    failures: [failureAt(endpoint)],
  })),
  'whose every answer is late': {
    archive: { faults: [{ fault: 'slowHeaders', ms: 300 }] },
  },
  'that answers later than is waited for': {
    archive: { faults: [{ fault: 'slowHeaders', endpoint: 'download', ms: 60_000, times: 1 }] },
    failures: ['downloadArchive: PlatformUnavailable'],
  },
  'that resets the connection half-way': {
    archive: { size: 4 * MIB, faults: [{ fault: 'reset', after: 3 * MIB, times: 1 }] },
    failures: ['downloadArchive: TransferInterrupted'],
    way: ({ downloads }) => expect(downloads).toHaveLength(2),
  },
  'that stands still half-way, and the rest alone is asked for': {
    archive: { size: 4 * MIB, faults: [{ fault: 'stall', after: 3 * MIB, times: 1 }] },
    failures: ['downloadArchive: TransferInterrupted'],
    way: ({ downloads: [, second], sizeBytes }) => {
      expect(second).toMatchObject({ statusCode: 206, range: { end: sizeBytes } });
      expect(second?.range?.start).toBeGreaterThanOrEqual(2 * MIB);
    },
  },
  'whose file comes in drops': {
    archive: { size: 64 * 1024, faults: [{ fault: 'drip', bytesPerSecond: 64 * 1024 }] },
    way: ({ downloads }) => expect(downloads).toMatchObject([{ fault: 'drip', complete: true }]),
  },
  'that obeys an abandon and does not answer: it is not sent again': {
    archive: { faults: [{ fault: 'noAnswer', endpoint: 'abandon', afterEffect: true, times: 1 }] },
    way: async ({ site, claim }) => expect(await abandonsOf(site, claim)).toHaveLength(1),
  },
  ...Object.fromEntries([1, 2, 3, 4, 5].map(failingAtRandom)),
};

claimsInSpiteOf({ 'a platform': CONNECTIONS }, { stalledAfterMs: 3_000 });

function atEachEndpoint(
  name: string,
  caseOf: (endpoint: Endpoint) => Overcome,
): Readonly<Record<string, Overcome>> {
  const endpoints = Object.keys(STEPS) as readonly Endpoint[];
  return Object.fromEntries(endpoints.map((endpoint) => [`${name} ${endpoint}`, caseOf(endpoint)]));
}

/** What strikes follows from the archive's id: the same in every run. */
function failingAtRandom(number: number): [string, Overcome] {
  const faults: FaultRule[] = [
    { fault: 'hangUp', probability: 0.2 },
    { fault: 'hangUp', endpoint: 'abandon', afterEffect: true, probability: 0.3 },
    { fault: 'noEffect', probability: 0.5 },
    { fault: 'status', statusCode: 503, retryAfter: 60, probability: 0.2 },
    { fault: 'htmlPage', endpoint: 'record', probability: 0.3 },
    { fault: 'recordFields', fields: { status: 'PACKING' }, probability: 0.3 },
    { fault: 'reset', probability: 0.3 },
    { fault: 'truncate', contentLength: false, probability: 0.3 },
    { fault: 'newETag', otherBytes: true, probability: 0.3 },
    { fault: 'flipBit', probability: 0.3 },
  ];
  return [
    `that fails at random (${number})`,
    { archive: { archiveId: `random-${number}`, size: 2 * MIB, faults }, failures: 'any' },
  ];
}
