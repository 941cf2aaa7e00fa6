import type { FaultRule } from '../../../src/simulator';
import { waitBeforeLastTry } from '../evidence';
import type { Overcome } from '../in-spite-of';

/** Asked for in this order by every claim. */
const STEPS = { record: 'awaitAvailable', download: 'downloadArchive', abandon: 'abandonArchive' } as const;
type Endpoint = keyof typeof STEPS;
const ENDPOINTS = Object.keys(STEPS) as readonly Endpoint[];

const SECOND = 1_000;

/** The status of an answer. */
export const STATUSES: Readonly<Record<string, Overcome>> = {
  ...forEach([401, 403], () => 'CredentialsRejected'),
  ...forEach([404], unlessAbandon('ArchiveNotFound')),
  // Asked for a file, a platform says by these that it has none.
  ...forEach([409, 410], (endpoint) =>
    endpoint === 'download' ? 'ArchiveNotFound' : unlessAbandon('PlatformUnavailable')(endpoint),
  ),
  ...forEach([429, 500, 503], unlessAbandon('PlatformUnavailable')),
  ...Object.fromEntries(
    ENDPOINTS.map((endpoint) => [
      `503 for the ${endpoint}, and obeys its Retry-After of 90 seconds`,
      waited(endpoint, { statusCode: 503, retryAfter: 90 }, 90 * SECOND),
    ]),
  ),
  'a Retry-After that is a date': waited(
    'download',
    { statusCode: 429, retryAfter: 90, retryAfterForm: 'date' },
    30 * SECOND,
  ),
  'a Retry-After of a day, of which it waits a quarter of an hour': waited(
    'record',
    { statusCode: 503, retryAfter: 24 * 3600 },
    15 * 60 * SECOND,
  ),
};

/** Only the record tells what became of a request to abandon, whatever it was answered with. */
function unlessAbandon(failure: string): (endpoint: Endpoint) => string {
  return (endpoint) => (endpoint === 'abandon' ? 'AbandonUnconfirmed' : failure);
}

function forEach(
  statusCodes: readonly number[],
  failureAt: (endpoint: Endpoint) => string,
): Readonly<Record<string, Overcome>> {
  const cases = statusCodes.flatMap((statusCode) =>
    ENDPOINTS.map((endpoint): [string, Overcome] => [
      `${statusCode} for the ${endpoint}`,
      {
        archive: { faults: [{ fault: 'status', endpoint, statusCode, times: 2 }] },
        failures: Array.from({ length: 2 }, () => `${STEPS[endpoint]}: ${failureAt(endpoint)}`),
      },
    ]),
  );
  return Object.fromEntries(cases);
}

type Refusal = Omit<Extract<FaultRule, { fault: 'status' }>, 'fault' | 'endpoint' | 'times'>;

/** The step's next try begins no earlier than `waitMs` after the one that was refused. */
function waited(endpoint: Endpoint, refusal: Refusal, waitMs: number): Overcome {
  return {
    archive: { faults: [{ fault: 'status', endpoint, ...refusal, times: 1 }] },
    failures: [`${STEPS[endpoint]}: ${unlessAbandon('PlatformUnavailable')(endpoint)}`],
    way: async ({ claim }) =>
      expect(await waitBeforeLastTry(claim, STEPS[endpoint])).toBeGreaterThanOrEqual(waitMs),
  };
}
