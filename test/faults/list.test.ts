import { parseArchiveId, type ArchiveKey } from '../../src/domain/ids';
import type { FaultRule } from '../../src/simulator';
import { abandonsOf, expectNothingAbandoned, expectSecuredAndAbandoned } from './evidence';
import { expectOvercome, PATIENCE_MS } from './in-spite-of';
import { openFaultSite, type FaultyClaim, type FaultSite } from './fault-site';
import { problemsOf } from './watched-abandons';

const KIB = 1024;
const MIB = 1024 * KIB;

/** The platform's list is asked before an abandon, for other archives that it would take along. */
describe('an archive is claimed despite a list', () => {
  let site: FaultSite;
  beforeAll(async () => {
    site = await openFaultSite({ stalledAfterMs: 3_000 });
  }, PATIENCE_MS);
  afterAll(() => site.close());
  afterEach(() => site.simulator.clearFaults());

  const MISREAD: readonly [string, FaultRule, number?][] = [
    ['is refused with an error', { fault: 'status', endpoint: 'list', statusCode: 500 }],
    ['does not come', { fault: 'noAnswer', endpoint: 'list' }, 1],
    ['breaks off', { fault: 'reset', endpoint: 'list' }],
    ['ends too soon', { fault: 'truncate', endpoint: 'list' }],
    ['ends too soon and looks complete', { fault: 'truncate', endpoint: 'list', contentLength: false }],
    ['is not JSON', { fault: 'invalidJson', endpoint: 'list' }],
    ['is a web page', { fault: 'htmlPage', endpoint: 'list' }],
    ['is an error in JSON', { fault: 'jsonError', endpoint: 'list' }],
    ['goes on, and nobody knows where', { fault: 'pagedList', size: 1, next: 'cursor' }],
    ['has fewer archives than it says', { fault: 'pagedList', size: 1, next: 'total' }],
  ];

  const LACKING: readonly [string, FaultRule][] = [
    ['is empty', { fault: 'emptyList' }],
    ['leaves the archive out', { fault: 'partialList', omit: ['left-out'] }],
  ];

  it.each(LACKING)(
    'that %s, three times: the claim reads another one, and abandons nothing before',
    async (_, fault) => {
      await site.simulator.setFaults([{ ...fault, times: 3 }]);
      const left = fault.fault === 'partialList' && { archiveId: 'left-out' };
      const claim = await site.claim({ size: 64 * KIB, ...left });
      await claim.handle.result();
      await expectOvercome(site, claim, ['abandonArchive: ListIncomplete']);
      expect(await abandonsOf(site, claim)).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  it.each(MISREAD)(
    'that %s: nothing is abandoned because of it',
    async (_, fault, times = 2) => {
      await site.simulator.setFaults([{ ...fault, times }]);
      const claim = await site.claim({ size: 64 * KIB });
      await claim.handle.result();
      const failures = Array.from({ length: times }, () => 'abandonArchive: PlatformUnavailable');
      await expectOvercome(site, claim, failures);
      expect(await abandonsOf(site, claim)).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  it.each<[string, FaultRule]>([
    ['is wrapped in an object', { fault: 'wrappedList' }],
    ['names no conferences', { fault: 'listWithoutConferences' }],
    ['comes in pages', { fault: 'pagedList', size: 1 }],
    ['is long', { fault: 'hugeBody', endpoint: 'list', bytes: 4 * MIB }],
  ])(
    'that %s',
    async (_, fault) => {
      await site.simulator.setFaults([fault]);
      const claim = await site.claim({ size: 64 * KIB });
      await claim.handle.result();
      await expectOvercome(site, claim, []);
    },
    PATIENCE_MS,
  );

  it(
    'that shows an unannounced archive of the conference: that one is secured first',
    async () => {
      const { claim, untold } = await ofOneConference('of-two');
      await expect(claim.handle.result()).resolves.toMatchObject({
        state: 'secured',
        waitsFor: 'notSecured',
      });
      await expectNothingAbandoned(site, claim);
      // The abandon of the one whose copy was missing takes both along.
      const other = await site.begin(untold, claim.conferenceId);
      await other.handle.result();
      await expectOvercome(site, claim, []);
      await expectSecuredAndAbandoned(site, other);
    },
    PATIENCE_MS,
  );

  it(
    'that hides an unannounced archive of the conference: it can still be secured',
    async () => {
      await site.simulator.setFaults([{ fault: 'partialList', omit: ['untold-of-the-hidden'] }]);
      const { claim, untold } = await ofOneConference('of-the-hidden');
      await claim.handle.result();
      expect((await site.simulator.archive(untold.archiveId)).status).toBe('ABANDONED');
      const other = await site.begin(untold, claim.conferenceId);
      await other.handle.result();
      expect(await problemsOf(site.simulator, site.bagOf(untold), untold.archiveId)).toEqual([]);
    },
    PATIENCE_MS,
  );

  /** Two archives of one conference, of which one is claimed. */
  async function ofOneConference(conferenceId: string): Promise<{ claim: FaultyClaim; untold: ArchiveKey }> {
    const archiveId = parseArchiveId(`untold-${conferenceId}`);
    await site.simulator.createArchives({ archiveId, conferenceId, notify: { when: 'never' } });
    const claim = await site.claim({ conferenceId });
    return { claim, untold: { ...claim.key, archiveId } };
  }
});
