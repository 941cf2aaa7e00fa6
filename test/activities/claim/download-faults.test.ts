import { setTimeout as pause } from 'node:timers/promises';
import type { FailureType } from '../../../src/domain/failures';
import { parseConfig } from '../../../src/config/load-config';
import type { ArchiveKey } from '../../../src/domain/ids';
import { createPlatforms } from '../../../src/platform/create-platform';
import type { FaultName, FaultRule } from '../../../src/simulator';
import { bring, downloadsOf, MIB } from './downloading';
import { factsOf, openActivitySite, TENANT, type ActivitySite } from '../activity-site';

const SIZE = 6 * MIB;

/** What goes wrong, once unless it says otherwise, and how the attempts that it costs end. */
const FAULTS: readonly (readonly [string, readonly FaultRule[], readonly FailureType[]])[] = [
  ['the connection is closed without an answer', [once('hangUp')], ['PlatformUnavailable']],
  ['the platform does not answer', [once('noAnswer')], ['PlatformUnavailable']],
  ['the connection is reset in the middle', [once('reset')], ['TransferInterrupted']],
  [
    'the connection is reset before the first byte',
    [{ ...once('reset'), after: 0 }],
    ['TransferInterrupted'],
  ],
  [
    'the connection is reset twice',
    [{ ...once('reset'), times: 2 }],
    ['TransferInterrupted', 'TransferInterrupted'],
  ],
  ['the file ends early', [once('truncate')], ['TransferInterrupted']],
  [
    'the file ends early, and looks complete',
    [{ ...once('truncate'), contentLength: false }],
    ['ChecksumMismatch'],
  ],
  ['the bytes stand still', [once('stall')], ['TransferInterrupted']],
  ['one bit is wrong', [once('flipBit')], ['ChecksumMismatch']],
  ['the length is said to be more', [{ ...once('wrongLength'), by: 1000 }], ['TransferInterrupted']],
  ['the length is said to be less', [{ ...once('wrongLength'), by: -1000 }], ['ChecksumMismatch']],
  ['the length is not said', [once('chunked')], []],
  ['it is compressed', [once('gzip')], ['FileRefused']],
  ['a page comes', [once('htmlPage')], ['FileRefused']],
  ['an error as JSON comes', [once('jsonError')], ['FileRefused']],
  ['the answer begins late', [{ ...once('slowHeaders'), ms: 100 }], []],
  [
    'the server is overloaded',
    [{ ...once('status'), statusCode: 503, retryAfter: 1 }],
    ['PlatformUnavailable'],
  ],
  ['the server limits the rate', [{ ...once('status'), statusCode: 429 }], ['PlatformUnavailable']],
  ['the server has a defect', [{ ...once('status'), statusCode: 500 }], ['PlatformUnavailable']],
  ['the server does not find it', [{ ...once('status'), statusCode: 404 }], ['ArchiveNotFound']],
  ['the server contradicts its record', [{ ...once('status'), statusCode: 409 }], ['ArchiveNotFound']],
  ['the server refuses the key', [{ ...once('status'), statusCode: 401 }], ['CredentialsRejected']],
  ['the file is on another server', [{ ...once('redirect'), to: 'otherOrigin' }], []],
  ['the file is at another place', [{ ...once('redirect'), to: 'sameOrigin' }], []],
  [
    'the address on another server has expired',
    [{ ...once('redirect'), to: 'otherOrigin', expired: true }],
    ['PlatformUnavailable'],
  ],
  ['it is redirected for ever', [{ ...once('redirect'), to: 'loop', times: 6 }], ['PlatformUnavailable']],
  [
    'it is redirected to another scheme',
    [{ ...once('redirect'), to: 'otherScheme' }],
    ['PlatformUnavailable'],
  ],
  ...afterABreak('a range is answered with the whole', { fault: 'ignoreRange' }),
  ...afterABreak('another part comes', { fault: 'wrongContentRange', wrong: 'start' }),
  ...afterABreak('the part is of another length', { fault: 'wrongContentRange', wrong: 'total' }),
  ...afterABreak('the part does not say where it belongs', { fault: 'wrongContentRange', wrong: 'missing' }),
  ...afterABreak('several parts come', { fault: 'multipartRange' }),
  ...afterABreak('there is said to be no such range', { fault: 'rangeNotSatisfiable' }),
  ...afterABreak('the file is said to end here', { fault: 'rangeNotSatisfiable', total: SIZE / 2 }),
  ...afterABreak('the tag changes with every answer', { fault: 'newETag' }),
  ...afterABreak('the tag is weak', { fault: 'weakETag' }),
  ...afterABreak('there is no tag', { fault: 'noETag' }),
  ...afterABreak('the rest is compressed', { fault: 'gzip' }),
];

describe('an archive is downloaded and verified in the end although', () => {
  let site: ActivitySite;
  let platforms: ReturnType<typeof createPlatforms>;
  beforeAll(async () => {
    site = await openActivitySite();
    const { url: baseUrl, apiKey } = site.simulator;
    const written = { tenants: { [TENANT]: { baseUrl, apiKey } } };
    const { tenants } = parseConfig(JSON.stringify(written), '/srv/archivist.yaml', {});
    platforms = createPlatforms(tenants, { stalledAfterMs: 500 });
  });
  afterAll(async () => {
    await platforms.close();
    await site.close();
  });

  /** A request is written down when its connection is done with, which may be after its client went on. */
  async function untilStruck(key: ArchiveKey, fault: FaultName): Promise<void> {
    while (!(await downloadsOf(site, key)).some((download) => download.fault === fault)) await pause(10);
  }

  it.each(FAULTS)('%s', async (_, faults, expected) => {
    const key = await site.archive({ size: SIZE, faults: [...faults] });
    const facts = await factsOf(site, key);
    const { platformOf } = platforms;
    const { secured, failures } = await bring(site, key, facts, { platformOf });
    expect(failures).toEqual(expected);
    expect(secured).toMatchObject({ sha256: facts.sha256, sizeBytes: SIZE });
    for (const { fault } of faults) await untilStruck(key, fault);
  });
});

function once<const Name extends FaultRule['fault']>(fault: Name) {
  return { fault, times: 1, endpoint: 'download' } as const;
}

/** What goes wrong when a download goes on that broke off: it costs no further attempt, but may cost the bytes that were there. */
function afterABreak(name: string, fault: FaultRule) {
  const faults = [once('truncate'), { ...fault, times: 1 }] as const;
  return [[name, faults, ['TransferInterrupted']] as const];
}
