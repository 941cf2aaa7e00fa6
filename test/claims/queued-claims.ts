import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { temporal as protocol } from '@temporalio/proto';
import pino, { type Logger } from 'pino';
import type { StartOutcome } from '../../src/claims/start-or-wake';
import { startDrainer, type Drainer, type DrainerDependencies } from '../../src/claims/drainer';
import { claimWorkflowId, parseArchiveId, parseConferenceId, parseTenantId } from '../../src/domain/ids';
import type { ArchiveId, ArchiveKey, TenantId } from '../../src/domain/ids';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { createLedger, type Fence, type Ledger } from '../../src/ledger/ledger';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import { sent } from '../ledger/archives';
import { openDatabase } from '../support/postgres';
import { listedRuns, testTemporal, type TestTemporal } from '../support/temporal';

export const DEADLINE_MS = 3_600_000;
const COMPLETE = protocol.api.enums.v1.CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION;
/** Temporal wants a bound for a long poll. */
const POLL_MS = 30_000;

const log = pino({ level: 'silent' });

/** A ledger and a Temporal namespace of their own. No worker runs: tests do by hand what a claim does. */
export interface QueuedClaims {
  readonly temporal: TestTemporal;
  readonly client: Client;
  readonly database: Database;
  readonly ledger: Ledger;
  /** Starts a drainer, and counts what becomes of its rows. `stopDrainers` stops it. */
  drain(options?: Partial<Omit<DrainerDependencies, 'log'>> & { readonly log?: Logger }): DrainerWithCounts;
  stopDrainers(): Promise<void>;
  row(key: ArchiveKey): Promise<Row | undefined>;
  rows(): Promise<number>;
  emptyQueue(): Promise<void>;
  handle(key: ArchiveKey): WorkflowHandle;
  /** How many runs of the archive's claim Temporal lists, once it lists `least`, one if absent. */
  runs(key: ArchiveKey, least?: number): Promise<number>;
  signals(key: ArchiveKey): Promise<number>;
  close(): Promise<void>;
}

interface DrainerWithCounts extends Drainer {
  count(outcome: StartOutcome): number;
}

interface Row {
  readonly attempts: number;
  readonly leasedBy: string | null;
  /** Milliseconds from now; negative if it is due. */
  readonly dueInMs: number;
}

/** @param url of an empty database, if processes besides this one are to use it */
export async function startQueuedClaims(url?: string): Promise<QueuedClaims> {
  const temporal = await testTemporal();
  const database = url === undefined ? await openDatabase() : openPostgres(url);
  if (url !== undefined) await migrate(database);
  const { client } = temporal;
  const ledger = createLedger(database);
  const drainers: Drainer[] = [];
  const handle = (archive: ArchiveKey): WorkflowHandle => client.workflow.getHandle(claimWorkflowId(archive));
  return {
    temporal,
    client,
    database,
    ledger,
    handle,

    drain(options = {}) {
      const counts = new Map<StartOutcome, number>();
      const drainer = startDrainer({
        client,
        queue: ledger,
        tenants: [parseTenantId('acme')],
        deadlineMs: DEADLINE_MS,
        count: (outcome) => counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
        log,
        ...options,
      });
      drainers.push(drainer);
      return { ...drainer, count: (outcome) => counts.get(outcome) ?? 0 };
    },

    async stopDrainers() {
      await Promise.all(drainers.splice(0).map((drainer) => drainer.stop()));
    },

    async row({ tenant, archiveId }) {
      const [found] = await database.query(
        `SELECT attempts, leased_by, extract(epoch FROM due_at - clock_timestamp())::float8 * 1000 AS due_in_ms
        FROM queue WHERE tenant = $1 AND archive_id = $2`,
        [tenant, archiveId],
      );
      return (
        found && {
          attempts: Number(found['attempts']),
          leasedBy: found['leased_by'] as string | null,
          dueInMs: Number(found['due_in_ms']),
        }
      );
    },

    async rows() {
      const [found] = await database.query('SELECT count(*)::int AS rows FROM queue');
      return Number(found?.['rows']);
    },

    async emptyQueue() {
      await database.query('DELETE FROM queue');
    },

    runs: (archive, least) => listedRuns(client, claimWorkflowId(archive), least),

    async signals(archive) {
      const { events } = await handle(archive).fetchHistory();
      return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
    },

    async close() {
      await Promise.all(drainers.map((drainer) => drainer.stop()));
      await ledger.close();
      await temporal.close();
    },
  };
}

export function key(
  archiveId: string,
  tenant = 'acme',
): { readonly tenant: TenantId; readonly archiveId: ArchiveId } {
  return { tenant: parseTenantId(tenant), archiveId: parseArchiveId(archiveId) };
}

export function keys(prefix: string, count: number, tenant?: string): ReturnType<typeof key>[] {
  return Array.from({ length: count }, (_, index) => key(`${prefix}-${index}`, tenant));
}

/** What the first step of a claim does: it writes what the record showed, and takes the row out of the queue. */
export async function begin(ledger: Ledger, archive: ArchiveKey, status = 'PACKING'): Promise<Fence> {
  const fence = { at: Date.now(), runId: randomUUID(), step: 1, attempt: 1 };
  await ledger.beginClaim(archive, fence, {
    deadlineAt: Date.now() + DEADLINE_MS,
    record: {
      conferenceId: parseConferenceId(`conference-of-${archive.archiveId}`),
      status,
      ...sent(JSON.stringify({ archiveId: archive.archiveId, status })),
    },
    expiry: { recheckMs: 1_000, periodMs: 2_000 },
  });
  return fence;
}

/** What a worker does when claims complete at once: so many, whichever they are. */
export async function completeClaims({ client, namespace }: TestTemporal, count: number): Promise<void> {
  const identity = 'a worker by hand';
  for (let completed = 0; completed < count; completed += 1) {
    const { taskToken } = await client.withDeadline(Date.now() + POLL_MS, () =>
      client.workflowService.pollWorkflowTaskQueue({
        namespace,
        identity,
        taskQueue: { name: TASK_QUEUES.claims },
      }),
    );
    await client.workflowService.respondWorkflowTaskCompleted({
      namespace,
      identity,
      taskToken,
      commands: [{ commandType: COMPLETE, completeWorkflowExecutionCommandAttributes: {} }],
    });
  }
}
