import fc from 'fast-check';
import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Fence, type Ledger, type LedgerEntry } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  begin,
  EXPIRY,
  fence,
  newConference,
  newKey,
  OTHER_SHA256,
  securedArchive,
  SHA256,
  tell,
} from './archives';
import { verifyChain } from './verify-chain';

const CONFERENCES = [newConference(), newConference()] as const;
const sha256 = fc.constantFrom(SHA256, OTHER_SHA256);
const conferenceId = fc.constantFrom(...CONFERENCES);
const status = fc.constantFrom('PACKING', 'AVAILABLE', 'AVAILABLE', 'AVAILABLE', 'ABANDONED', 'EXPIRED');
/** Which of the tokens so far an attempt has: 0 the newest, and so the only one that may write. */
const age = fc.constantFrom(0, 0, 0, 1, 2);
const ORDERS = ['hold', 'release', 'giveUp', 'cancel', 'claim', 'deadline', 'acceptUnreadable'] as const;
const STEP = fc.oneof(
  fc.record({ call: fc.constant('begin' as const), sha256, conferenceId, status }),
  fc.record({ call: fc.constantFrom('take' as const, 'repair' as const), age }),
  fc.record({ call: fc.constant('secure' as const), sha256, conferenceId, age }),
  fc.record({ call: fc.constantFrom('bad' as const, 'attention' as const), age }),
  fc.record({
    call: fc.constant('end' as const),
    state: fc.constantFrom('failed' as const, 'missed' as const),
    age,
  }),
  fc.record({ call: fc.constant('tell' as const), status }),
  fc.record({ call: fc.constantFrom('expired' as const, 'postpone' as const) }),
  fc.record({
    call: fc.constant('recheck' as const),
    verdict: fc.constantFrom('whole' as const, 'damaged' as const),
  }),
  fc.record({
    call: fc.constant('order' as const),
    kind: fc.constantFrom(...ORDERS),
  }),
  fc.record({ call: fc.constant('conclude' as const) }),
);
type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  async function take(key: ArchiveKey, tokens: Fence[], step: Step): Promise<unknown> {
    const token = (back: number) => tokens.at(-1 - back) ?? fence(1);
    const next = (changes: Partial<Fence>) => {
      tokens.push(fence(3, { ...tokens.at(-1), ...changes, at: fence(1).at }));
      return token(0);
    };
    switch (step.call) {
      case 'begin': {
        const record = { conferenceId: step.conferenceId, sha256: step.sha256, status: step.status };
        return await ledger.beginClaim(
          key,
          next({ runId: `run-${tokens.length}`, repairs: false }),
          begin(record),
        );
      }
      case 'take':
        return await ledger.takeStep(key, step.age === 0 ? next({}) : token(step.age), 'verifying');
      case 'repair':
        return await ledger.takeStep(key, next({ runId: `repair-${tokens.length}`, repairs: true }));
      case 'secure':
        return await ledger.secureCopy(key, token(step.age), securedArchive(step));
      case 'bad':
        return await ledger.noteBadCopy(key, token(step.age), { sha256: OTHER_SHA256, sizeBytes: 1 });
      case 'attention':
        return await ledger.needAttention(key, token(step.age), 'ZipUnreadable');
      case 'end':
        return await ledger.endClaim(key, token(step.age), { state: step.state, reason: 'ArchiveMissed' });
      case 'tell':
        await ledger.noteTold(key.tenant, [{ archiveId: key.archiveId, status: step.status }], EXPIRY);
        return;
      case 'expired':
        await ledger.noteExpired(key);
        return;
      case 'postpone':
        await ledger.postponeConfirmation(key, {
          status: 'ABANDONED',
          dueInMs: 0,
          attention: 'AbandonUndone',
        });
        return;
      case 'recheck': {
        const entry = await ledger.find(key);
        return entry && (await ledger.recordRecheck(entry, { verdict: step.verdict, retryMs: 0 }));
      }
      case 'order':
        return await ledger.writeOrder(key, { kind: step.kind, by: 'alice' });
      case 'conclude':
        return await ledger.conclude(key, 'GivenUp');
    }
  }

  it('an archive never loses what it has reached, whichever attempts call in whichever order', async () => {
    let closed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 25 }), async (steps) => {
        const key = newKey();
        const tokens: Fence[] = [];
        await ledger.beginClaim(key, fence(1), begin({ conferenceId: CONFERENCES[0] }));
        let before = await ledger.find(key);
        for (const step of steps) {
          await take(key, tokens, step);
          const after = await ledger.find(key);
          expectForward(before!, after!, step);
          before = after;
        }
        await tell(ledger, key);
        if ((await ledger.find(key))?.state === 'abandoned') {
          await ledger.noteExpired(key);
          const entry = await ledger.find(key);
          expect(await ledger.recordRecheck(entry!, { verdict: 'whole', retryMs: 0 })).toBe('closed');
          closed += 1;
        }
        expect(await verifyChain(database(), key)).toMatchObject({ ok: true });
      }),
      { numRuns: 60 },
    );
    expect(closed).toBeGreaterThan(0);
  }, 120_000);
});

const RANK = { secured: 1, abandoned: 2, closed: 3 } as const;

function expectForward(before: LedgerEntry, after: LedgerEntry, step: Step): void {
  const rank = ({ state, securedAt }: LedgerEntry) =>
    state in RANK ? RANK[state as keyof typeof RANK] : securedAt ? 1 : 0;
  expect([step, rank(after)]).toEqual([step, Math.max(rank(before), rank(after))]);
  if (before.toldAt) expect([step, after.toldAt]).toEqual([step, before.toldAt]);
  // What was restored expires once more.
  if (before.expiredAt) expect(after.expiredAt?.getTime()).toBeGreaterThanOrEqual(before.expiredAt.getTime());
  if (before.securedAt) expect([step, after.sha256]).toEqual([step, before.sha256]);
  expect(after.conferenceIds).toEqual(expect.arrayContaining([...before.conferenceIds]));
  if (after.state === 'closed') expect(after.fixity?.ok === true || after.attention !== undefined).toBe(true);
}
