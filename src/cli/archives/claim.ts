import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { claimWorkflowId, type ArchiveKey } from '../../domain/ids';
import type { Order, OrderAnswer } from '../../domain/orders';
import type { Ledger, LedgerEntry } from '../../ledger/ledger';
import { askLedger } from '../open';
import { orderArguments, orderCommand, type CommonOptions, type OrderOptions } from '../options';
import { print, say, sayJson, tell } from '../output';
import { waitingFor } from '../waiting';
import { give, objectionTo } from './orders';

interface ClaimOptions extends OrderOptions {
  readonly wait?: boolean;
}

/** Milliseconds within which a running drainer starts a claim from the queue. */
const SOON_MS = 2_500;
const LOOK_AGAIN_MS = 150;

export function claimCommand(): Command {
  return orderCommand(
    'claim',
    'claim archives by hand, also those that were given up; wakes claims that are under way',
    '<id...>',
  )
    .option('--wait', 'wait until they are claimed; fail if one is not')
    .action(claim);
}

async function claim(ids: readonly string[], options: ClaimOptions): Promise<void> {
  const { config, keys, given } = orderArguments(ids, options);
  await askLedger(config, async (ledger) => {
    const objections: string[] = [];
    const queued: Queued[] = [];
    for (const key of keys) {
      const before = await ledger.find(key);
      const answer = await give(config, ledger, key, { kind: 'claim', ...given });
      show(key, answer, given, options);
      const objection = objectionTo(key, answer) ?? standstillOf(await ledger.find(key));
      if (objection !== undefined) objections.push(objection);
      else if (!isDone(answer)) queued.push({ key, before });
    }
    if (!(await haveBegun(ledger, queued))) await warnOfQueue(ledger);
    if (options.wait) for (const { key, before } of queued) await untilEnded(ledger, key, before, options);
    if (objections.length > 0) throw new Error(objections.join('\n'));
  });
}

interface Queued {
  readonly key: ArchiveKey;
  /** The ledger's entry before it was queued. */
  readonly before: LedgerEntry | undefined;
}

/** Refusals are reported together at the end. */
function show(key: ArchiveKey, answer: OrderAnswer, given: Order, { json }: ClaimOptions): void {
  const isConfirmed = answer.answer === 'confirmed';
  const status = isConfirmed ? (isDone(answer) ? answer.state : 'queued') : answer.answer;
  if (json) sayJson({ ...key, status, ...given, workflowId: claimWorkflowId(key) });
  else if (isConfirmed) say(`${key.archiveId}  ${status ?? 'queued'}`);
}

/** Why no claim begins although the order stands; `undefined` if one does. */
export function standstillOf(entry: LedgerEntry | undefined): string | undefined {
  if (entry?.held === undefined || entry.securedAt === undefined || entry.toldAt !== undefined)
    return undefined;
  return `Archive ${entry.archiveId} is secured, and held by ${entry.held.by}: it goes on after \`archivist release ${entry.archiveId}\`.`;
}

/** Whether nothing is left to claim. */
function isDone({ state }: OrderAnswer): boolean {
  return state === 'abandoned' || state === 'closed';
}

/** Whether the claims begin soon enough to report that. */
async function haveBegun(ledger: Ledger, queued: readonly Queued[]): Promise<boolean> {
  const limit = Date.now() + SOON_MS;
  for (const { key, before } of queued)
    while (!hasBegun(await ledger.find(key), before)) {
      if (Date.now() > limit) return false;
      await pause(LOOK_AGAIN_MS);
    }
  return true;
}

function hasBegun(entry: LedgerEntry | undefined, before: LedgerEntry | undefined): boolean {
  if (entry?.runId === undefined) return false;
  return entry.ended === undefined || entry.runId !== before?.runId;
}

/** Warns if a row of the queue still waits for a worker; a claim that a worker cannot begin yet does not count. */
async function warnOfQueue(ledger: Ledger): Promise<void> {
  const { entries, oldestSeconds } = await ledger.measureQueue();
  if (entries === 0 || oldestSeconds < SOON_MS / 2_000) return;
  tell(
    'The queue keeps them until their claims begin, which no worker has done yet. Do a gateway and a worker run (`archivist up`, or `archivist gateway` and `archivist worker`), and does Temporal answer?',
  );
}

/**
 * Waits until a queued claim has ended, and prints how it ended.
 * @param before the ledger's entry before it was queued: a claim that had ended then is not this one
 * @returns the ledger's entry then
 * @throws Error that says why, if it did not succeed
 */
export async function untilEnded(
  ledger: Ledger,
  key: ArchiveKey,
  before: LedgerEntry | undefined,
  options: CommonOptions,
): Promise<LedgerEntry> {
  const entry = await waitingFor(`the end of the claim of ${key.archiveId}`)(endOf(ledger, key, before));
  const { tenant, archiveId, state, sha256, sizeBytes, location, ended } = entry;
  if (state === 'failed' || state === 'missed')
    throw new Error(`${archiveId} was not claimed: ${state} (${ended?.reason ?? 'unknown'}).`);
  const view = { tenant, archiveId, state, sha256, sizeBytes, location, ended };
  print(options, view, `${archiveId}  ${state}  ${location ?? ''}`);
  return entry;
}

async function endOf(ledger: Ledger, key: ArchiveKey, before: LedgerEntry | undefined): Promise<LedgerEntry> {
  for (;;) {
    const entry = await ledger.find(key);
    if (entry && hasEnded(entry, before)) return entry;
    await pause(LOOK_AGAIN_MS);
  }
}

function hasEnded({ state, ended, runId }: LedgerEntry, before: LedgerEntry | undefined): boolean {
  if (state === 'abandoned' || state === 'closed') return true;
  if (ended === undefined) return false;
  return before?.ended === undefined || before.runId !== runId;
}
