import type { ArchivesSpec, RequestEntry } from '../../src/simulator';
import { downloadsOf, expectSecuredAndAbandoned } from './evidence';
import { openFaultSite, type Circumstances, type FaultyClaim, type FaultSite } from './fault-site';

/** A fault that a claim overcomes by itself. */
export interface Overcome {
  readonly archive: ArchivesSpec;
  /** What its steps fail with on the way, in order: `downloadArchive: TransferInterrupted`. */
  readonly failures?: Failures;
  /** What must show besides. */
  readonly way?: (seen: Seen) => void | Promise<void>;
}

/** All of them; or, where nobody can tell how many they will be, what each of them is. */
type Failures = readonly string[] | { readonly each: string } | 'any';

/** What was seen of a claim that is over. */
export interface Seen {
  readonly site: FaultSite;
  readonly claim: FaultyClaim;
  /** Of the archive. */
  readonly sizeBytes: number;
  /** The requests for its file. */
  readonly downloads: readonly RequestEntry[];
}

/** A machine may be busy with other tests. */
export const PATIENCE_MS = 120_000;

/**
 * Claims an archive for each case of each group, side by side, and has each of them end with the right bytes and one abandon. A group's
 * name says whose faults these are.
 */
export function claimsInSpiteOf(
  groups: Readonly<Record<string, Readonly<Record<string, Overcome>>>>,
  circumstances: Circumstances = {},
): void {
  let site: FaultSite;
  const claims = new Map<Overcome, FaultyClaim>();
  beforeAll(async () => {
    site = await openFaultSite(circumstances);
    const cases = Object.values(groups).flatMap((group) => Object.values(group));
    const begin = async (each: Overcome) => claims.set(each, await site.claim(each.archive));
    await Promise.all(cases.map(begin));
  }, PATIENCE_MS);
  afterAll(() => site.close());

  describe.each(Object.entries(groups))('an archive is claimed in spite of %s', (_, group) => {
    it.each(Object.entries(group))(
      '%s',
      async (_name, each) => {
        const claim = claims.get(each)!;
        await expect(claim.handle.result()).resolves.toMatchObject({ state: 'abandoned' });
        await expectOvercome(site, claim, each.failures ?? []);
        const { sizeBytes } = await site.simulator.archive(claim.key.archiveId);
        await each.way?.({ site, claim, sizeBytes, downloads: await downloadsOf(site, claim) });
      },
      PATIENCE_MS,
    );
  });
}

/** The claim ended with the right bytes and one abandon, and its steps failed like this on the way. */
export async function expectOvercome(site: FaultSite, claim: FaultyClaim, failures: Failures): Promise<void> {
  await expectSecuredAndAbandoned(site, claim);
  const found = claim.failures.map(({ step, type }) => `${step}: ${type}`);
  if (failures === 'any') return;
  const messages = claim.failures.map(({ message }) => message);
  if (!('each' in failures)) expect({ found, messages }).toEqual({ found: failures, messages });
  else expect({ found: new Set(found), messages }).toEqual({ found: new Set([failures.each]), messages });
}
