import type { RequestEntry } from '../../src/simulator';
import type { FaultyClaim, ProvingGround } from './proving-ground';
import { problemsOf } from './watched-abandons';

/** What became of a claim, by the platform's journal, the files and the ledger; not by what the claim says of itself. */
export async function expectSecuredAndAbandoned(ground: ProvingGround, claim: FaultyClaim): Promise<void> {
  const { simulator, ledger } = ground;
  const { key } = claim;
  expect(await problemsOf(simulator, ground.bagOf(key), key.archiveId)).toEqual([]);
  expect(await effectsOn(ground, claim)).toEqual([key.archiveId]);
  expect(ground.unsafeAbandons).toEqual([]);
  const { status, sha256, sizeBytes } = await simulator.archive(key.archiveId);
  expect(status).toBe('ABANDONED');
  expect(await ledger.find(key)).toMatchObject({ state: 'abandoned', sha256, sizeBytes });
}

/** The platform still has its file: no abandon took effect, whether any was sent or not. */
export async function expectNothingAbandoned(ground: ProvingGround, claim: FaultyClaim): Promise<void> {
  expect(await effectsOn(ground, claim)).toEqual([]);
  expect(ground.unsafeAbandons).toEqual([]);
  expect((await ground.simulator.archive(claim.key.archiveId)).status).not.toBe('ABANDONED');
}

/** The archive, as often as abandons of its conference made it deletable. */
async function effectsOn(ground: ProvingGround, claim: FaultyClaim): Promise<readonly string[]> {
  const affected = (await abandonsOf(ground, claim)).flatMap((abandon) => abandon.affected ?? []);
  return affected.filter((archiveId) => archiveId === claim.key.archiveId);
}

/** Every abandon of the archive's conference that reached the platform. */
export async function abandonsOf(
  { simulator }: ProvingGround,
  { conferenceId }: FaultyClaim,
): Promise<readonly RequestEntry[]> {
  return requestsIn(await simulator.journal({ kind: 'request', endpoint: 'abandon', conferenceId }));
}

/** Every request for the archive's file, wherever it was served, in the order of their ends. */
export async function downloadsOf(
  { simulator }: ProvingGround,
  { key }: FaultyClaim,
): Promise<readonly RequestEntry[]> {
  const entries = requestsIn(await simulator.journal({ kind: 'request', archiveId: key.archiveId }));
  return entries.filter(({ endpoint }) => ['download', 'file', 'foreignFile'].includes(endpoint));
}

function requestsIn(
  entries: Awaited<ReturnType<ProvingGround['simulator']['journal']>>,
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
