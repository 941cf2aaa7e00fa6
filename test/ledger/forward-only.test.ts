import fc from 'fast-check';
import type { ArchiveKey } from '../../src/domain/ids';
import { OPEN_STATES } from '../../src/domain/states';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger, LedgerEntry } from '../../src/ledger/ledger';
import { verifyChain } from '../../src/ledger/verify-chain';
import { newConference, newKey, OTHER_SHA256, recordNote, securedArchive, SHA256 } from './archives';
import { withDatabase } from '../support/postgres';

const CONFERENCES = [newConference(), newConference()] as const;
const sha256 = fc.constantFrom(SHA256, OTHER_SHA256);
const conferenceId = fc.constantFrom(...CONFERENCES);
const STEP = fc.oneof(
  fc.record({ call: fc.constant('progress' as const), state: fc.constantFrom(...OPEN_STATES) }),
  fc.record({ call: fc.constant('noteRecord' as const), sha256, conferenceId }),
  fc.record({ call: fc.constant('noteVerification' as const), sha256, ok: fc.boolean() }),
  fc.record({ call: fc.constant('secure' as const), sha256, conferenceId }),
  fc.record({ call: fc.constantFrom('abandon' as const, 'needAttention' as const, 'fail' as const) }),
  fc.record({ call: fc.constantFrom('miss' as const, 'expire' as const, 'closeEntry' as const) }),
  fc.record({ call: fc.constantFrom('noteRepair' as const, 'settle' as const, 'close' as const) }),
  fc.record({ call: fc.constant('noteStatus' as const), status: fc.constantFrom('AVAILABLE', 'ABANDONED') }),
);
type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  async function take(key: ArchiveKey, step: Step): Promise<void> {
    switch (step.call) {
      case 'progress':
        return ledger.progress(key, step.state);
      case 'noteRecord':
        return ledger.noteRecord(key, recordNote(step));
      case 'noteVerification':
        return ledger.noteVerification(key, { sizeBytes: 1, ...step });
      case 'secure':
        return ledger.secure(key, securedArchive(step));
      case 'abandon':
        return ledger.abandon(key, 'ABANDONED');
      case 'needAttention':
        return ledger.needAttention(key, 'ZipUnreadable');
      case 'fail':
        return ledger.fail(key, 'DeadlineExceeded');
      case 'miss':
        return ledger.miss(key);
      case 'noteStatus':
        return ledger.noteStatus(key, step.status);
      case 'expire':
        return ledger.expire(key);
      case 'closeEntry':
        return ledger.closeEntry(key);
      case 'noteRepair':
        await ledger.noteRepair(key);
        return;
      case 'settle':
        return ledger.settle(key, 'ZipUnreadable');
      case 'close':
        return close(key);
    }
  }

  /** All that closing takes, since steps at random hardly ever are those. */
  async function close(key: ArchiveKey): Promise<void> {
    const { sha256: proven = SHA256 } = (await ledger.find(key)) ?? {};
    await ledger.expire(key);
    await ledger.noteVerification(key, { sha256: proven, sizeBytes: 1, ok: true });
    await ledger.closeEntry(key);
  }

  it('keeps what was reached, in any order of calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 25 }), async (steps) => {
        const key = newKey();
        for (const step of steps) {
          const before = await ledger.find(key);
          const events = (await ledger.history(key)).length;
          await take(key, step);
          const after = await ledger.find(key);
          if (before !== undefined) expectForward(before, after);
          if (step.call === 'close') continue;
          const appended = (await ledger.history(key)).length - events;
          expect([0, 1]).toContain(appended);
          if (appended === 0) expect(after).toEqual(before);
        }
        expect(await verifyChain(database(), key)).toMatchObject({ ok: true });
      }),
      { numRuns: 25 },
    );
  });

  it('keeps what was reached when all calls come at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(STEP, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        async (waves) => {
          const key = newKey();
          let before: LedgerEntry | undefined;
          for (const steps of waves) {
            await Promise.all(steps.map((step) => take(key, step)));
            const after = await ledger.find(key);
            if (before !== undefined) expectForward(before, after);
            before = after;
          }
          expect(await verifyChain(database(), key)).toMatchObject({ ok: true });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has one entry and one chain after 50 calls at once for a new archive', async () => {
    const key = newKey();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0
          ? ledger.noteVerification(key, { sha256: SHA256, sizeBytes: index, ok: true })
          : ledger.noteRecord(key, recordNote({ recordSource: String(index) })),
      ),
    );
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ledger.progress(key, OPEN_STATES[index % OPEN_STATES.length]!),
      ),
    );
    const [row] = await database().query(
      'SELECT count(*)::integer AS entries FROM archives WHERE archive_id = $1',
      [key.archiveId],
    );
    expect(row).toEqual({ entries: 1 });
    const history = await ledger.history(key);
    expect(history.map((event) => event.sequence)).toEqual(history.map((_, index) => index + 1));
    expect(history.length).toBeGreaterThan(25);
    expect(await verifyChain(database(), key)).toEqual({ ok: true, events: history.length });
  });

  it('secures and abandons once, however many say so at once', async () => {
    const key = newKey();
    await ledger.progress(key, 'verifying');
    const copy = securedArchive();
    await Promise.all(Array.from({ length: 20 }, () => ledger.secure(key, copy)));
    await Promise.all(Array.from({ length: 20 }, () => ledger.abandon(key, 'ABANDONED')));
    const types = (await ledger.history(key)).map((event) => event.type);
    expect(types).toEqual(['validation', 'accession', 'policy assignment']);
  });
});

function expectForward(before: LedgerEntry, after: LedgerEntry | undefined): void {
  expect(after?.announcedAt).toEqual(before.announcedAt);
  if (before.securedAt !== undefined) {
    const { securedAt, sha256: proven, conferenceId: conference, sizeBytes, location } = before;
    expect(after).toMatchObject({ securedAt, sha256: proven, conferenceId: conference, sizeBytes, location });
    expect(['secured', 'abandoned', 'closed', 'failed']).toContain(after?.state);
  }
  if (before.abandonedAt !== undefined) {
    expect(after?.abandonedAt).toEqual(before.abandonedAt);
    expect(before.state === 'closed' ? ['closed'] : ['abandoned', 'closed']).toContain(after?.state);
  }
}
