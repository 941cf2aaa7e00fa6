import { FAILURES, handlingOf, type FailureType } from '../../src/domain/failures';
import { progress } from '../../src/workflows/messages';
import { durationOf, startTimeLapse, valuesOf, type RunningWorkflows } from './running-workflows';
import { available, COPY, failing, inTurn, itIsAvailable, SECURED } from './script';

const HOUR = 3_600_000;

const types = Object.keys(FAILURES) as FailureType[];
const handledBy = (handling: string) => types.filter((type) => handlingOf(type) === handling);
const copyIsThere = () => Promise.resolve(COPY);
const isSecured = () => Promise.resolve(SECURED);

describe('a claim with a failing step', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startTimeLapse()));
  afterAll(() => site.close());

  it.each(handledBy('attention'))(
    'asks a person to look, and retries the step after 6 hours: %s',
    async (type) => {
      const claim = await site.claim({ downloadArchive: inTurn(failing(type), copyIsThere) });
      await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
      expect(site.argsOf(claim, 'needAttention')).toEqual([type]);
      expect(await valuesOf(claim, 'ArchivistState')).toEqual([
        'downloading',
        'attention',
        'downloading',
        'abandoned',
      ]);
      expect((await durationOf(claim)) / HOUR).toBeCloseTo(6, 1);
    },
  );

  it.each(handledBy('end'))('ends on a permanent failure: %s', async (type) => {
    const claim = await site.claim({ downloadArchive: failing(type) });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type } });
    const kind = type === 'ArchiveMissed' ? 'missed' : 'failed';
    expect(site.argsOf(claim, 'endClaim')).toEqual([{ kind, reason: type }]);
    expect(site.stepsOf(claim)).not.toContain('needAttention');
  });

  it.each([...handledBy('poll'), ...handledBy('retry')])(
    'retries the step without a person: %s',
    async (type) => {
      const claim = await site.claim({ verifyCopy: inTurn(failing(type), isSecured) });
      await claim.result();
      expect(site.stepsOf(claim).filter((step) => step === 'verifyCopy')).toHaveLength(2);
      expect(site.stepsOf(claim)).not.toContain('needAttention');
    },
  );

  it.each(handledBy('downloadAgain'))(
    'restarts from the record after a bad copy, at most three times before it asks a person: %s',
    async (type) => {
      const bad = failing(type);
      const claim = await site.claim({ verifyCopy: inTurn(bad, bad, bad, bad, isSecured) });
      await claim.result();
      const once = ['awaitAvailable', 'downloadArchive', 'verifyCopy'];
      expect(site.stepsOf(claim)).toEqual([
        ...once,
        ...once,
        ...once,
        'needAttention',
        ...once,
        ...once,
        'abandonArchive',
      ]);
    },
  );

  it.each(handledBy('startOver'))(
    'restarts from an outdated record, at most ten times before it asks a person: %s',
    async (type) => {
      const stale = Array.from({ length: 10 }, () => failing(type));
      const claim = await site.claim({ downloadArchive: inTurn(...stale, copyIsThere) });
      await claim.result();
      const steps = site.stepsOf(claim);
      expect(steps.slice(0, steps.indexOf('needAttention'))).toHaveLength(20);
      expect(steps.filter((step) => step === 'awaitAvailable')).toHaveLength(11);
      expect(site.argsOf(claim, 'needAttention')).toEqual([type]);
    },
  );

  it('retries at once when it is signalled', async () => {
    const claim = await site.claim({ verifyCopy: inTurn(failing('StoreConflict'), isSecured) });
    await site.reach(claim, 'needAttention');
    await expect(claim.query(progress)).resolves.toMatchObject({ attention: 'StoreConflict' });
    await site.sleep(HOUR);
    await claim.signal('announced');
    await claim.result();
    expect((await durationOf(claim)) / HOUR).toBeLessThan(2);
  });

  it('does not miss a signal that arrives while it records the attention', async () => {
    const claim = await site.claim({
      verifyCopy: inTurn(failing('StoreConflict'), isSecured),
      needAttention: async () => {
        await claim.signal('announced');
        while (!site.stepsOf(claim).includes('readOrders')) await new Promise((go) => setTimeout(go, 10));
      },
    });
    await claim.result();
    expect((await durationOf(claim)) / HOUR).toBeLessThan(2);
  });

  it('looks again after a minute if the ledger says that the claim has ended meanwhile', async () => {
    const claim = await site.claim({
      verifyCopy: inTurn(failing('StoreConflict'), isSecured),
      needAttention: () => Promise.resolve('ended' as const),
    });
    await claim.result();
    expect((await durationOf(claim)) / HOUR).toBeLessThan(1);
  });

  it('continues even if the attention could not be recorded', async () => {
    const claim = await site.claim({
      verifyCopy: inTurn(failing('StoreConflict'), isSecured),
      needAttention: failing('LedgerBehind'),
    });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
  });

  it('stays in attention while it polls the record again', async () => {
    const seen: unknown[] = [];
    const claim = await site.claim({
      awaitAvailable: async () => {
        seen.push((await claim.query(progress)).attention);
        if (seen.length === 1) return await failing('PlatformFailed')();
        return available();
      },
    });
    await claim.result();
    expect(seen).toEqual([undefined, 'PlatformFailed']);
    expect((await claim.query(progress)).attention).toBeUndefined();
  });
});

describe('a claim with a refused API key', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startTimeLapse()));
  afterAll(() => site.close());

  const refused = failing('CredentialsRejected', 60_000);
  const forHours = Array.from({ length: 5 * 60 }, () => refused);

  it('asks a person after half an hour, and continues by itself when the key is accepted', async () => {
    const claim = await site.claim({ awaitAvailable: inTurn(...forHours, itIsAvailable) });
    await claim.result();
    expect(site.argsOf(claim, 'needAttention')).toEqual(['CredentialsRejected']);
    const inputs = site.argsOf(claim, 'awaitAvailable') as { patient: boolean }[];
    expect(inputs).toHaveLength(301);
    expect(inputs.filter(({ patient }) => !patient).length).toBeLessThanOrEqual(32);
    expect((await durationOf(claim)) / HOUR).toBeCloseTo(5, 0);
  });

  it('waits for the key even if it was first refused at the download', async () => {
    const claim = await site.claim({
      awaitAvailable: inTurn(itIsAvailable, ...Array.from({ length: 60 }, () => refused), itIsAvailable),
      downloadArchive: inTurn(...Array.from({ length: 32 }, () => refused), copyIsThere),
    });
    await claim.result();
    expect(site.argsOf(claim, 'needAttention')).toEqual(['CredentialsRejected']);
    expect((await durationOf(claim)) / HOUR).toBeLessThan(2.5);
  });

  it('pauses if the key is valid for the record but not for the file', async () => {
    const claim = await site.claim({ downloadArchive: refused }, { deadlineMs: 24 * HOUR });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    const records = site.stepsOf(claim).filter((step) => step === 'awaitAvailable');
    expect(records.length).toBeLessThanOrEqual(6);
  });
});
