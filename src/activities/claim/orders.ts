import type { Config } from '../../config/load-config';
import type { DecidedEnd, StandingOrders } from '../../domain/claim';
import { ArchivistError, type FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import {
  EXPECTED_ACCOUNT_NAME,
  isAccountName,
  isReason,
  type GivenOrder,
  type OrderAnswer,
} from '../../domain/orders';
import type { Ledger, LedgerEntry } from '../../ledger/ledger';
import type { OrderLook } from '../../ledger/sql/orders';
import type { PlatformOf } from '../../platform/create-platform';
import { decideOrder, readRecord, type DecisionSources } from './decide-order';
import { expiryTerms } from './facts';

/** What orders work with, in a worker and in the CLI. */
export interface OrderSources {
  readonly platformOf: PlatformOf;
  readonly ledger: Ledger;
  /** If absent, the copy of an archive whose order came too late is verified again at once. */
  readonly expiry?: Config['expiry'];
}

/** Milliseconds for which an order waits for better news before it is answered. */
const PATIENCE_MS = 2_000;

const DECISIONS = { giveUp: 'giveUp', cancel: 'cancelled', deadline: 'deadline' } as const;

/** What a claim that was ended by a decision failed with. */
const REASONS: Readonly<Record<DecidedEnd, FailureType>> = {
  giveUp: 'GivenUp',
  cancelled: 'Cancelled',
  deadline: 'DeadlineExceeded',
};

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
  requireForm(order);
  const until = AbortSignal.timeout(PATIENCE_MS);
  const { platformOf, ledger, expiry = { recheck: 0, period: 0 } } = sources;
  const all = { platformOf, ledger, expiry: expiryTerms(expiry) };
  const look = await write(all, key, order, until);
  return 'answer' in look ? look : await answer(all, key, order, look, until);
}

/**
 * Answers an order that stands once more: one that was not decided when it was given may be by now. Nothing is read from the platform
 * if no request was ever begun that might touch the archive.
 * @returns `undefined` if neither a hold nor an order to end stands
 */
export async function decideAgain(sources: OrderSources, key: ArchiveKey): Promise<OrderAnswer | undefined> {
  const { platformOf, ledger, expiry = { recheck: 0, period: 0 } } = sources;
  const look = await ledger.look(key);
  const { decided, held, state } = look.entry ?? {};
  if (decided === undefined && held === undefined) return undefined;
  if (state === 'failed' || (decided === undefined && look.flightsEver === 0)) return obeyed(look.entry);
  const all = { platformOf, ledger, expiry: expiryTerms(expiry) };
  return await restrain(all, key, decided ? 'giveUp' : 'hold', look, AbortSignal.timeout(PATIENCE_MS));
}

/** The orders that stand. */
export async function readOrders(
  { ledger }: Pick<OrderSources, 'ledger'>,
  key: ArchiveKey,
): Promise<StandingOrders> {
  const { decided, deadlineAt } = (await ledger.find(key)) ?? {};
  return {
    ...(decided && { decision: decided.decision }),
    ...(deadlineAt && { deadlineAt: deadlineAt.getTime() }),
  };
}

/** Writes the order. An archive without a row gets one only if its record can be read: row and order are written at once. */
async function write(
  sources: DecisionSources,
  key: ArchiveKey,
  order: GivenOrder,
  until: AbortSignal,
): Promise<OrderLook | OrderAnswer> {
  const { ledger } = sources;
  const written = await ledger.writeOrder(key, order);
  if (written.entry !== undefined) return written;
  // Nobody who asks again helps a tenant that is not configured.
  sources.platformOf(key.tenant);
  const read = await readRecord(sources, key, until);
  if (read.kind === 'unknown') return { answer: 'unknown' };
  if (read.kind === 'silent') return { answer: 'notRecorded', why: 'the platform did not answer' };
  const look = await ledger.writeOrder(key, order, read.record);
  return look.entry === undefined ? refused('no claim of it was ever begun') : look;
}

async function answer(
  sources: DecisionSources,
  key: ArchiveKey,
  order: GivenOrder,
  look: OrderLook,
  until: AbortSignal,
): Promise<OrderAnswer> {
  const { entry, written } = look;
  switch (order.kind) {
    case 'hold':
    case 'giveUp':
    case 'cancel':
    case 'deadline':
      return await restrain(sources, key, order.kind, look, until);
    case 'release':
      return written ? obeyed(entry) : refused('it is not held', entry);
    case 'extend':
      return written
        ? extended(entry)
        : refused('no claim is under way, or the deadline would be too far ahead', entry);
    case 'claim':
      return obeyed(entry);
    case 'retry':
    case 'acceptWithoutChecksum':
    case 'acceptUnreadable':
      return goOn(entry);
  }
}

/** Orders after which nothing may be abandoned: they are confirmed only if nothing was. */
async function restrain(
  sources: DecisionSources,
  key: ArchiveKey,
  kind: 'hold' | keyof typeof DECISIONS,
  look: OrderLook,
  until: AbortSignal,
): Promise<OrderAnswer> {
  const { ledger } = sources;
  const decided = await decideOrder(sources, key, look, until);
  if (decided === 'obeyed' && kind !== 'hold') {
    const concluded = await ledger.conclude(key, REASONS[look.entry?.decided?.decision ?? DECISIONS[kind]]);
    if (concluded.told) return { answer: 'tooLate', ...stateOf(concluded.entry) };
    return concluded.flightsOpen > 0
      ? { answer: 'undecided', ...stateOf(concluded.entry) }
      : obeyed(concluded.entry);
  }
  return { answer: decided, ...stateOf(await ledger.find(key)) };
}

function goOn(entry: LedgerEntry | undefined): OrderAnswer {
  if (entry?.decided)
    return refused('it was given up or cancelled: `archivist claim` claims it again', entry);
  if (entry?.state === 'abandoned' || entry?.state === 'closed')
    return refused('nothing is left to decide', entry);
  return obeyed(entry);
}

function obeyed(entry: LedgerEntry | undefined): OrderAnswer {
  return { answer: 'obeyed', ...stateOf(entry) };
}

function extended(entry: LedgerEntry | undefined): OrderAnswer {
  return { ...obeyed(entry), ...(entry?.deadlineAt && { deadlineAt: entry.deadlineAt.getTime() }) };
}

function refused(why: string, entry?: LedgerEntry): OrderAnswer {
  return { answer: 'refused', why, ...stateOf(entry) };
}

function stateOf(entry: LedgerEntry | undefined): Pick<OrderAnswer, 'state'> {
  return entry === undefined ? {} : { state: entry.state };
}

function requireForm({ by, reason }: GivenOrder): void {
  if (!isAccountName(by))
    throw new ArchivistError('InvalidInput', `The order was not given by ${EXPECTED_ACCOUNT_NAME}.`);
  if (reason !== undefined && !isReason(reason))
    throw new ArchivistError(
      'InvalidInput',
      'The reason of the order is not one line of 1 to 200 characters.',
    );
}
