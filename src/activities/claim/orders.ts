import { setTimeout as pause } from 'node:timers/promises';
import { DECIDED_FAILURES } from '../../domain/claim';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import {
  EXPECTED_ACCOUNT_NAME,
  isAccountName,
  isReason,
  type GivenOrder,
  type OrderAnswer,
} from '../../domain/orders';
import { platformConfirmedAbandon } from '../../domain/statuses';
import type { LedgerEntry } from '../../ledger/ledger';
import type { OrderLook } from '../../ledger/sql/orders';
import type { Dependencies } from '../dependencies';
import { readRecord } from './facts';

/** Milliseconds for which an undecided order is looked at again before it is answered. */
const PATIENCE_MS = 2_000;
/** Milliseconds between two looks while a request may still take effect. */
const LOOK_AGAIN_MS = 250;

/** The dependencies of orders, in a worker and in the CLI. */
export type OrderSources = Pick<Dependencies, 'platformOf' | 'ledger' | 'expiry'>;

const DECISIONS = { giveUp: 'giveUp', cancel: 'cancelled', deadline: 'deadline' } as const;

/**
 * Writes an order into the ledger and answers from it. A written order stands from then on, whatever the answer is. The updates
 * of the workflow and the CLI call this same function.
 *
 * @throws ArchivistError `InvalidInput` if the order itself is of the wrong form; `LedgerUnavailable`; `UnknownTenant` if neither
 * the ledger nor the configuration knows the archive's tenant
 */
export async function giveOrder(
  sources: OrderSources,
  key: ArchiveKey,
  order: GivenOrder,
): Promise<OrderAnswer> {
  const { ledger, platformOf } = sources;
  requireForm(order);
  const until = AbortSignal.timeout(PATIENCE_MS);
  const look = await write();
  return 'answer' in look ? look : await answer(look);

  /** Writes the order. An archive without a row gets one only if its record can be read: one transaction writes both. */
  async function write(): Promise<OrderLook | OrderAnswer> {
    // A missed archive is claimed only if the platform has it again: its record must be read first.
    const mayBeBack = order.kind === 'claim' && (await ledger.find(key))?.state === 'missed';
    const written = mayBeBack ? undefined : await ledger.writeOrder(key, order);
    if (written?.entry !== undefined) return written;
    // Throws if the tenant is not configured: the answer "try again" would be wrong.
    platformOf(key.tenant);
    const record = await readRecord(platformOf, key, until);
    if (record instanceof ArchivistError)
      return record.type === 'ArchiveNotFound'
        ? { answer: 'unknown' }
        : { answer: 'notRecorded', why: 'the platform did not answer' };
    const writtenNow = await ledger.writeOrder(key, order, record);
    return writtenNow.entry === undefined
      ? reply('refused', undefined, 'no claim of it was ever begun')
      : writtenNow;
  }

  async function answer(seen: OrderLook): Promise<OrderAnswer> {
    const { entry, written } = seen;
    switch (order.kind) {
      case 'hold':
      case 'giveUp':
      case 'cancel':
      case 'deadline':
        return await restrain(sources, key, order.kind, seen, until);
      case 'release':
        return written ? reply('confirmed', entry) : reply('refused', entry, 'it is not held');
      case 'extend':
        if (!written)
          return reply('refused', entry, 'no claim is under way, or the deadline would be too far ahead');
        return withDeadline(reply('confirmed', entry), entry);
      case 'claim':
        return reply('confirmed', entry);
      case 'retry':
      case 'acceptWithoutChecksum':
      case 'acceptUnreadable':
        return written ? reply('confirmed', entry) : reply('refused', entry, whyNotOn(entry));
    }
  }
}

/**
 * Answers a standing order again: if it was undecided when it was given, it may be decided by now. A hold is always decided with
 * the record: somebody else may have told the platform, and the process that wrote the order may have died before it read that.
 * @returns `undefined` if neither a hold nor an order to end stands
 */
export async function decideAgain(sources: OrderSources, key: ArchiveKey): Promise<OrderAnswer | undefined> {
  const look = await sources.ledger.look(key);
  const { entry } = look;
  if (entry?.decided === undefined && entry?.held === undefined) return undefined;
  if (entry.decided && wasConfirmed(entry)) return reply('confirmed', entry);
  const kind = entry.decided ? 'giveUp' : 'hold';
  return await restrain(sources, key, kind, look, AbortSignal.timeout(PATIENCE_MS));
}

/** Whether the order was confirmed before anything was told. Without a copy, an archive stays `failed` when it is told. */
function wasConfirmed({ state, stateSince, toldAt }: LedgerEntry): boolean {
  return state === 'failed' && (toldAt === undefined || toldAt > stateSince);
}

/** Answers orders that forbid an abandon: they are confirmed only if nothing was abandoned before. */
async function restrain(
  sources: OrderSources,
  key: ArchiveKey,
  kind: 'hold' | keyof typeof DECISIONS,
  look: OrderLook,
  until: AbortSignal,
): Promise<OrderAnswer> {
  const standing = kind === 'hold' ? look.entry?.held : look.entry?.decided;
  // This repeats an order that somebody has taken back since, or a deadline that was moved.
  if (standing === undefined && !look.told)
    return withDeadline(reply('refused', look.entry, 'somebody ordered otherwise'), look.entry);
  const decided = await decideOrder(sources, key, look, until);
  if (decided === 'confirmed' && kind !== 'hold') {
    const failure = DECIDED_FAILURES[look.entry?.decided?.decision ?? DECISIONS[kind]];
    const { told, flightsOpen, entry } = await sources.ledger.conclude(key, failure);
    if (told) return reply('tooLate', entry);
    return reply(flightsOpen > 0 ? 'undecided' : 'confirmed', entry);
  }
  return reply(decided, await sources.ledger.find(key));
}

/**
 * Decides whether a written order came in time, or the platform was told before, or may still be told by a request
 * that was sent before. With the order in the row no later request is authorised, so a confirmed order stays confirmed.
 *
 * @param look what the order's transaction saw
 * @param until an undecided order is looked at again until this signal aborts
 */
async function decideOrder(
  sources: OrderSources,
  key: ArchiveKey,
  look: OrderLook,
  until: AbortSignal,
): Promise<'confirmed' | 'undecided' | 'tooLate'> {
  const { platformOf, ledger, expiry } = sources;
  for (let latest = look; ; latest = await ledger.look(key)) {
    if (latest.told) return 'tooLate';
    const record = await readRecord(platformOf, key, until);
    const isShown = !(record instanceof ArchivistError);
    if (isShown) {
      const { status, conferenceId } = record;
      if (platformConfirmedAbandon(status)) {
        await ledger.noteTold(key.tenant, [{ archiveId: key.archiveId, status }], expiry);
        return 'tooLate';
      }
      if (conferenceId !== undefined && latest.entry?.conferenceIds.includes(conferenceId) === false) {
        // The look did not cover requests for the conference that the record names.
        await ledger.noteShown(key, { status, conferenceId });
        continue;
      }
    }
    // Without an answer the ledger decides alone, but only if no request ever touched the archive. After a 404 nobody
    // can know: a person's order is not confirmed; a deadline, which promises nothing, stands.
    const isDeadline = latest.entry?.decided?.decision === 'deadline';
    const isOver = isShown || (isDeadline && record.type === 'ArchiveNotFound') || latest.flightsEver === 0;
    if (latest.flightsOpen === 0) return isOver ? 'confirmed' : 'undecided';
    if (until.aborted) return 'undecided';
    await pause(LOOK_AGAIN_MS);
  }
}

function whyNotOn(entry: LedgerEntry | undefined): string {
  return entry?.decided
    ? 'it was given up or cancelled: `archivist claim` claims it again'
    : 'nothing is left to decide';
}

function withDeadline(answer: OrderAnswer, entry: LedgerEntry | undefined): OrderAnswer {
  return { ...answer, ...(entry?.deadlineAt && { deadlineAt: entry.deadlineAt.getTime() }) };
}

function reply(given: OrderAnswer['answer'], entry: LedgerEntry | undefined, why?: string): OrderAnswer {
  return { answer: given, ...(entry && { state: entry.state }), ...(why !== undefined && { why }) };
}

function requireForm({ by, reason }: GivenOrder): void {
  const isGood = isAccountName(by) && (reason === undefined || isReason(reason));
  if (!isGood)
    throw new ArchivistError(
      'InvalidInput',
      `An order takes ${EXPECTED_ACCOUNT_NAME}, and as its reason one line of 1 to 200 characters.`,
    );
}
