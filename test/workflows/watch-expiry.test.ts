import { WorkflowFailedError } from '@temporalio/client';
import { ABANDONED, CLOSED, inTurn } from './script';
import {
  durationOf,
  eventCountOf,
  hoursOf,
  startTimeLapse,
  valuesOf,
  type TimeLapse,
  type Watch,
} from './time-lapse';
import { failing, HOUR } from './turns';

const found = (verdict: string) => () => Promise.resolve(verdict);
const UNDISTURBED = ['findAbandoned', 'recheckCopy', 'awaitExpired', 'recheckCopy', 'closeArchive'];

describe('watchExpiry', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it('verifies after two days, asks after three, verifies again and closes', async () => {
    const watch = await lapse.watch();
    await expect(watch.result()).resolves.toEqual({ ...CLOSED, state: 'closed' });
    expect(lapse.callsOf(watch)).toEqual(UNDISTURBED);
    expect(await hoursOf(watch)).toEqual([
      ['findAbandoned', 0],
      ['recheckCopy', 48],
      ['awaitExpired', 72],
      ['recheckCopy', 72],
      ['closeArchive', 72],
    ]);
    expect(await valuesOf(watch, 'ArchivistState')).toEqual(['abandoned', 'closed']);
    expect(await valuesOf(watch, 'ArchivistConferenceId')).toEqual(['conference-1']);
  });

  it('does at once what is overdue', async () => {
    const watch = await lapse.watch({ findAbandoned: () => Promise.resolve(ABANDONED) });
    await watch.result();
    expect(lapse.callsOf(watch)).toEqual(UNDISTURBED);
    expect(await durationOf(watch)).toBeLessThan(HOUR);
  });

  it('has the same number of events for 0 and for 100 answers that it has not expired', async () => {
    const atOnce = await lapse.watch();
    await atOnce.result();
    const waits = Array.from({ length: 100 }, () => failing('NotYetExpired'));
    const patient = await lapse.watch({ awaitExpired: inTurn<unknown>(...waits, found('gone')) });
    await patient.result();
    expect(lapse.callsOf(patient).filter((call) => call === 'awaitExpired')).toHaveLength(101);
    expect(await eventCountOf(patient)).toBe(await eventCountOf(atOnce));
  });

  it('gives what is closed already, and touches nothing', async () => {
    const watch = await lapse.watch({
      findAbandoned: () => Promise.resolve({ ...ABANDONED, state: 'closed' }),
    });
    await expect(watch.result()).resolves.toMatchObject({ state: 'closed' });
    expect(lapse.callsOf(watch)).toEqual(['findAbandoned', 'closeArchive']);
  });

  it('ends, loudly, where the archive was never abandoned', async () => {
    const watch = await lapse.watch({ findAbandoned: failing('NotAbandoned') });
    await expect(watch.result()).rejects.toMatchObject({ cause: { type: 'NotAbandoned' } });
  });

  it.each([
    [{ tenant: 'acme', archiveId: '../a' }],
    [{ tenant: 'acme', archiveId: 'a', expiry: { recheckMs: -1, periodMs: 1 } }],
    [{ tenant: 'acme', archiveId: 'a', expiry: { recheckMs: 1 } }],
  ])('refuses the input %j', async (input) => {
    const started = await lapse.client.workflow.start('watchExpiry', {
      args: [input],
      taskQueue: 'archivist',
      workflowId: `by-hand-${JSON.stringify(input)}`,
    });
    await expect(started.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });

  it('verifies at once when it is told to, and then does what is due when it is due', async () => {
    const watch = await lapse.watch();
    await lapse.reach(watch, 'findAbandoned', HOUR);
    await watch.signal('recheck');
    await watch.result();
    const rechecks = (await hoursOf(watch)).filter(([name]) => name === 'recheckCopy').map(([, at]) => at);
    expect(rechecks).toEqual([1, 48, 72]);
  });

  it('verifies once more where it was told to while it verified', async () => {
    const watch: Watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(() => watch.signal('recheck').then(found('whole')), found('whole')),
    });
    await watch.result();
    expect(lapse.callsOf(watch).filter((call) => call === 'recheckCopy')).toHaveLength(3);
  });

  it('closes nothing on a look that another one has overtaken', async () => {
    const watch = await lapse.watch({
      closeArchive: inTurn<unknown>(
        () => Promise.resolve(undefined),
        () => Promise.resolve(CLOSED),
      ),
    });
    await watch.result();
    expect(lapse.callsOf(watch).slice(-4)).toEqual([
      'closeArchive',
      'awaitExpired',
      'recheckCopy',
      'closeArchive',
    ]);
  });

  it('lets go when it is cancelled', async () => {
    const watch = await lapse.watch();
    await lapse.reach(watch, 'findAbandoned', HOUR);
    await watch.cancel();
    await expect(watch.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect((await watch.describe()).status.name).toBe('CANCELLED');
    expect(lapse.callsOf(watch)).toEqual(['findAbandoned']);
  });
});
