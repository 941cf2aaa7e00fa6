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

/** Milliseconds for which an order waits for better news before it is answered. */
const PATIENCE_MS = 2_000;
/** Milliseconds between two looks while a request may still take effect. */
const LOOK_AGAIN_MS = 250;

/** What orders work with, in a worker and in the CLI. */
export type OrderSources = Pick<Dependencies, 'platformOf' | 'ledger' | 'expiry'>;

const DECISIONS = { giveUp: 'giveUp', cancel: 'cancelled', deadline: 'deadline' } as const;

/**
 * Writes an order into the ledger and answers from it. What was written stands from then on, whatever the answer is. The updates of
 * the workflow and the CLI call this very function.
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

  /** Writes the order. An archive without a row gets one only if its record can be read: row and order are written at once. */
  async function write(): Promise<OrderLook | OrderAnswer> {
    // What expired before there was a copy is claimed only if the platform has it again: its record must be seen first.
    const mayBeBack = order.kind === 'claim' && (await ledger.find(key))?.state === 'missed';
    const written = mayBeBack ? undefined : await ledger.writeOrder(key, order);
    if (written?.entry !== undefined) return written;
    // Nobody who asks again helps a tenant that is not configured.
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
 * Answers an order that stands once more: one that was not decided when it was given may be by now. A hold is decided with the record
 * in every case: somebody else may have told the platform, and whoever gave the order may have died before reading that.
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

/** Whether it was decided that nothing was told. What is given up without a copy is `failed` when it is told, too. */
function wasConfirmed({ state, stateSince, toldAt }: LedgerEntry): boolean {
  return state === 'failed' && (toldAt === undefined || toldAt > stateSince);
}

/** Orders after which nothing may be abandoned: they are confirmed only if nothing was. */
async function restrain(
  sources: OrderSources,
  key: ArchiveKey,
  kind: 'hold' | keyof typeof DECISIONS,
  look: OrderLook,
  until: AbortSignal,
): Promise<OrderAnswer> {
  const standing = kind === 'hold' ? look.entry?.held : look.entry?.decided;
  // An order that is given again was taken back, or the deadline was moved.
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
 * Decides whether an order that was written came in time: whether the platform was told before, or may still be told by a request
 * that was sent before. With the order in the row no later request is authorised, so that what is confirmed once stays confirmed.
 *
 * @param look what the order's transaction saw
 * @param until while the signal lasts, better news is waited for
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
        // Requests for the conference that the record names were not looked for yet.
        await ledger.noteShown(key, { status, conferenceId });
        continue;
      }
    }
    // Without an answer the ledger decides alone, but only what no request ever touched. Of what the platform forgot (404) nobody
    // can know: nothing is confirmed to a person; a deadline, which promises nothing, stands.
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
