import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Evidence, LedgerEvent } from './checker/evidence';
import { judge, type Findings } from './checker/judge';
import { abandon, chain, makeUpSite, status, TENANT } from './made-up-site';

const NOTHING: Findings = {
  lost: [],
  unsafeAbandons: [],
  duplicateEffects: [],
  corruptBags: [],
  overruled: [],
  unfinished: [],
};

let store: string;
let site: Evidence;
beforeEach(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'archivist-checker-'));
  site = await makeUpSite(store);
});
afterEach(() => rm(store, { recursive: true, force: true }));

/** What the checker finds, a line each. */
async function findings(evidence: Evidence): Promise<string[]> {
  const found = await judge(evidence);
  return Object.entries(found).flatMap(([kind, list]) =>
    (list as string[]).map((text) => `${kind}: ${text}`),
  );
}

/** The same evidence with other events, and a row that fits them. */
function withEvents(events: readonly LedgerEvent[]): Evidence {
  const last = { eventCount: events.length, lastEventHash: events.at(-1)?.hash ?? '' };
  return { ...site, events, rows: site.rows.map((row) => ({ ...row, ...last })) };
}

const payload = (): string => path.join(store, TENANT, 'a1', 'data', 'archive.zip');

it('the checker finds no fault in a correct run', async () => {
  expect(await judge(site)).toEqual(NOTHING);
});

describe('the checker of bags', () => {
  it('detects a flipped bit although size and names are right', async () => {
    const bytes = await readFile(payload());
    bytes[5]! ^= 1;
    await writeFile(payload(), bytes);
    expect(await findings(site)).toEqual([
      expect.stringMatching(/^lost: a1: there is no right copy/),
      expect.stringMatching(/^unsafeAbandons: a1: .* there is no right bag$/),
      expect.stringMatching(/^corruptBags: acme\/a1: data\/archive\.zip differs from manifest-sha256\.txt/),
    ]);
  });

  it("detects a valid bag whose bytes differ from the platform's", async () => {
    const archives = site.archives.map((archive) => ({ ...archive, sha256: 'f'.repeat(64) }));
    expect(await findings({ ...site, archives })).toContainEqual(
      expect.stringMatching(/^corruptBags: acme\/a1: its bytes are not the platform/),
    );
  });

  it('detects a missing bag', async () => {
    await rm(path.join(store, TENANT, 'a1'), { recursive: true });
    expect(await findings(site)).toEqual([
      expect.stringMatching(/^lost: a1: .* the platform says ABANDONED, the ledger says abandoned/),
      expect.stringMatching(/^unsafeAbandons: a1: .* there is no right bag$/),
    ]);
  });

  it('detects a bag without its tag manifest, and one without a declaration', async () => {
    await rm(path.join(store, TENANT, 'a1', 'tagmanifest-sha256.txt'));
    await cp(path.join(store, TENANT, 'a1'), path.join(store, TENANT, 'a2'), { recursive: true });
    await rm(path.join(store, TENANT, 'a2', 'bagit.txt'));
    expect(await findings(site)).toEqual(
      expect.arrayContaining([
        'corruptBags: acme/a1: tagmanifest-sha256.txt is missing',
        'corruptBags: acme/a2: bagit.txt is missing; tagmanifest-sha256.txt is missing',
      ]),
    );
  });

  it('detects a second bag of the same archive, wherever it is', async () => {
    await cp(path.join(store, TENANT, 'a1'), path.join(store, '.damaged', 'a1.1'), { recursive: true });
    expect(await findings(site)).toEqual(['duplicateEffects: a1: 2 bags']);
  });

  it('requires a planned damaged bag among the replaced ones', async () => {
    const aside = path.join(store, '.damaged', 'a1.1');
    await cp(path.join(store, TENANT, 'a1'), aside, { recursive: true });
    await rm(path.join(aside, 'tagmanifest-sha256.txt'));
    expect(await findings(site)).toEqual([]);
  });
});

describe('the checker of abandons', () => {
  it('detects one that was sent before the copy was secured', async () => {
    const journal = [status(1, '05', 'AVAILABLE'), abandon(2, '25'), status(3, '26', 'ABANDONED')];
    expect(await findings({ ...site, journal })).toEqual([
      'unsafeAbandons: a1: the abandon of 2026-01-31T12:00:25.000Z was unsafe: it was secured only at 2026-01-31T12:00:30.000000Z',
    ]);
  });

  it('detects one that was sent without effect before the copy was secured', async () => {
    const early = { ...abandon(2, '15'), affected: [] };
    const journal = [status(1, '05', 'AVAILABLE'), early, abandon(3, '40'), status(4, '41', 'ABANDONED')];
    expect(await findings({ ...site, journal })).toEqual([
      expect.stringMatching(/^unsafeAbandons: a1: the abandon of 2026-01-31T12:00:15/),
    ]);
  });

  it('detects one for a copy that was never read back', async () => {
    const events = site.events.filter(({ type }) => type !== 'fixity check');
    const unproven = chain(
      events.map(({ at, type, detail }) => [at.slice(17, 19), type, JSON.parse(detail) as object]),
    );
    expect(await findings(withEvents(unproven))).toEqual([
      expect.stringMatching(/^unsafeAbandons: a1: .* it was secured without a fixity check before$/),
    ]);
  });

  it('detects one that affects another archive of the conference, which has no copy', async () => {
    const other = { ...site.archives[0]!, archiveId: 'a2', status: 'AVAILABLE', sha256: 'f'.repeat(64) };
    const journal = [status(0, '04', 'PROCESSING', 'a2'), ...site.journal];
    const archives = [...site.archives, other];
    expect(await findings({ ...site, archives, journal })).toContainEqual(
      expect.stringMatching(/^unsafeAbandons: a2: .* there is no right bag$/),
    );
  });

  it('detects two that took effect', async () => {
    expect(await findings({ ...site, journal: [...site.journal, abandon(4, '45')] })).toEqual([
      'duplicateEffects: a1: 2 abandons that took effect',
    ]);
  });
});

describe('the checker of the ledger and Temporal', () => {
  it.each<[string, (events: LedgerEvent[]) => unknown, RegExp]>([
    [
      'was altered',
      (events) => (events[1] = { ...events[1]!, at: '2026-01-31T12:00:21.000000Z' }),
      /event 2 was/,
    ],
    ['is missing', (events) => events.splice(1, 1), /event 2 is missing/],
    ['was cut off the end', (events) => events.pop(), /there are 3 events, not 4/],
  ])('detects a chain with an event %s, which then proves nothing', async (_, change, fault) => {
    const events = [...site.events];
    change(events);
    expect(await findings({ ...site, events })).toEqual([
      expect.stringMatching(/^unsafeAbandons: a1: .* the ledger proves nothing/),
      expect.stringMatching(fault),
    ]);
  });

  it('detects an archive that was never claimed', async () => {
    const archives = [...site.archives, { ...site.archives[0]!, archiveId: 'a2', conferenceId: 'c2' }];
    const journal = [...site.journal, { ...status(4, '05', 'AVAILABLE', 'a2'), conferenceId: 'c2' }];
    expect(await findings({ ...site, archives, journal })).toEqual([
      expect.stringMatching(/^lost: a2: .* the ledger does not know it$/),
      expect.stringMatching(/^unfinished: a2: must be abandoned/),
    ]);
  });
});

describe('an archive that cannot be claimed', () => {
  beforeEach(async () => {
    await rm(path.join(store, TENANT, 'a1'), { recursive: true });
    site = {
      ...site,
      archives: site.archives.map((archive) => ({ ...archive, status: 'AVAILABLE' })),
      journal: [status(1, '05', 'AVAILABLE')],
      rows: site.rows.map((row) => ({ ...row, state: 'verifying', attention: 'ChecksumMissing' })),
      claims: [],
      exceptions: new Map([['a1', { end: 'attention', reasons: ['ChecksumMissing'] }]]),
    };
  });

  it('does not count as lost while a person is told why', async () => {
    expect(await judge(site)).toEqual(NOTHING);
  });

  it.each<[string, (evidence: Evidence) => Evidence]>([
    [
      'the reason is another one',
      (evidence) => ({ ...evidence, rows: evidence.rows.map((row) => ({ ...row, attention: 'StoreFull' })) }),
    ],
    [
      'the platform was told to delete it',
      (evidence) => ({
        ...evidence,
        archives: evidence.archives.map((archive) => ({ ...archive, status: 'ABANDONED' })),
      }),
    ],
  ])('counts as lost if %s', async (_, change) => {
    expect((await judge(change(site))).lost).toHaveLength(1);
  });
});
