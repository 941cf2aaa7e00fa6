import type { RequestEntry } from '../../src/simulator';
import type { FaultyClaim, FaultSite } from './fault-site';
import { problemsOf } from './watched-abandons';

/** What became of a claim, by the platform's journal, the files and the ledger; not by what the claim says of itself. */
export async function expectSecuredAndAbandoned(site: FaultSite, claim: FaultyClaim): Promise<void> {
  const { simulator, ledger } = site;
  const { key } = claim;
  expect(await problemsOf(simulator, site.bagOf(key), key.archiveId)).toEqual([]);
  expect(await effectsOn(site, claim)).toEqual([key.archiveId]);
  expect(site.unsafeAbandons).toEqual([]);
  const { status, sha256, sizeBytes } = await simulator.archive(key.archiveId);
  expect(status).toBe('ABANDONED');
  expect(await ledger.find(key)).toMatchObject({ state: 'abandoned', sha256, sizeBytes });
}

/** The platform still has its file: no abandon took effect, whether any was sent or not. */
export async function expectNothingAbandoned(site: FaultSite, claim: FaultyClaim): Promise<void> {
  expect(await effectsOn(site, claim)).toEqual([]);
  expect(site.unsafeAbandons).toEqual([]);
  expect((await site.simulator.archive(claim.key.archiveId)).status).not.toBe('ABANDONED');
}

/** The archive, as often as abandons of its conference made it deletable. */
async function effectsOn(site: FaultSite, claim: FaultyClaim): Promise<readonly string[]> {
  const affected = (await abandonsOf(site, claim)).flatMap((abandon) => abandon.affected ?? []);
  return affected.filter((archiveId) => archiveId === claim.key.archiveId);
}

/** Every abandon of the archive's conference that reached the platform. */
export async function abandonsOf(
  { simulator }: FaultSite,
  { conferenceId }: FaultyClaim,
): Promise<readonly RequestEntry[]> {
  return requestsIn(await simulator.journal({ kind: 'request', endpoint: 'abandon', conferenceId }));
}

/** Every request for the archive's file, wherever it was served, in the order of their ends. */
export async function downloadsOf(
  { simulator }: FaultSite,
  { key }: FaultyClaim,
): Promise<readonly RequestEntry[]> {
  const entries = requestsIn(await simulator.journal({ kind: 'request', archiveId: key.archiveId }));
  return entries.filter(({ endpoint }) => ['download', 'file', 'foreignFile'].includes(endpoint));
}

function requestsIn(
  entries: Awaited<ReturnType<FaultSite['simulator']['journal']>>,
): readonly RequestEntry[] {
  return entries.filter((entry) => entry.kind === 'request');
}

/** Milliseconds from when a step was first due to the start of its last try, by Temporal's clock. */
export async function waitBeforeLastTry({ handle }: FaultyClaim, step: string): Promise<number> {
  const events = (await handle.fetchHistory()).events ?? [];
  const due = events.filter(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === step,
  );
  const last = events.findLast(({ activityTaskStartedEventAttributes: started }) =>
    due.some(({ eventId }) => eventId?.toString() === started?.scheduledEventId?.toString()),
  );
  return millisecondsOf(last) - millisecondsOf(due[0]);
}

function millisecondsOf(event: HistoryEvent | undefined): number {
  const { seconds, nanos } = event?.eventTime ?? {};
  return Number(seconds) * 1000 + Number(nanos) / 1e6;
}

type HistoryEvent = NonNullable<Awaited<ReturnType<FaultyClaim['handle']['fetchHistory']>>['events']>[number];
