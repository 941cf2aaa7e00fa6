import { progress } from '../../src/workflows/messages';
import { startInRealTime, type Claim, type RunningWorkflows } from './running-workflows';
import { available, COPY, failing, SECURED } from './script';

/** The query by which the Temporal UI gets a workflow's current details. */
const METADATA = '__temporal_workflow_metadata';

async function detailsOf(claim: Claim): Promise<string> {
  const { currentDetails } = await claim.query<{ currentDetails?: string }>(METADATA);
  return currentDetails ?? '';
}

describe('the progress of a claim', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  it('contains every state, however short, when it is queried', async () => {
    const states: string[] = [];
    const note = async () => void states.push((await claim.query(progress)).state);
    const claim = await site.claim({
      awaitAvailable: () => note().then(() => available()),
      downloadArchive: () => note().then(() => COPY),
      verifyCopy: () => note().then(() => SECURED),
      abandonArchive: () => note().then(() => ({ outcome: 'abandoned' })),
    });
    await claim.result();
    await note();
    expect(states).toEqual(['waiting', 'downloading', 'verifying', 'secured', 'abandoned']);
    await expect(claim.query(progress)).resolves.toMatchObject({
      tenant: 'acme',
      archiveId: claim.workflowId.split(':')[2],
      conferenceId: 'conference-1',
      sizeBytes: COPY.sizeBytes,
    });
  });

  it('shows in the Temporal UI what happens, since when, and what a person can do', async () => {
    const claim = await site.claim({ awaitAvailable: failing('NotYetAvailable', 60_000) });
    await site.reach(claim, 'awaitAvailable');
    const waiting = await detailsOf(claim);
    expect(waiting).toContain('### waiting');
    expect(waiting).toMatch(/Since \d{4}-\d\d-\d\dT/);
    expect(waiting).toContain(`archivist decide ${claim.workflowId.split(':')[2]} giveUp`);
    await claim.terminate();
  });

  it('shows why a person should look, and which command retries the step', async () => {
    const claim = await site.claim({ verifyCopy: failing('StoreConflict') });
    await site.reach(claim, 'needAttention');
    const details = await detailsOf(claim);
    expect(details).toContain('### attention');
    expect(details).toMatch(/\*\*StoreConflict\*\* since \d{4}-/);
    expect(details).toContain(`archivist decide ${claim.workflowId.split(':')[2]} retry`);
    await claim.terminate();
  });

  it('shows what a secured archive waits for, and who can resolve it', async () => {
    const claim = await site.claim({
      abandonArchive: () => Promise.resolve({ outcome: 'waits', waitsFor: 'held' }),
    });
    await claim.result();
    expect(await detailsOf(claim)).toContain('`archivist release`');
  });

  it('includes a summary of each step and of the deadline timer', async () => {
    const claim = await site.claim();
    await claim.result();
    const { events } = await claim.fetchHistory();
    const named = (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes,
    );
    expect(named).toHaveLength(5);
    for (const { userMetadata } of named) expect(userMetadata?.summary).toBeTruthy();
  });
});
