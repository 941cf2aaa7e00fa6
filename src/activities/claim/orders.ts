import { DECIDED_FAILURES, type StandingOrders } from '../../domain/claim';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import {
  EXPECTED_ACCOUNT_NAME,
  isAccountName,
  isReason,
  type GivenOrder,
  type OrderAnswer,
} from '../../domain/orders';
import type { LedgerEntry } from '../../ledger/ledger';
import type { OrderLook } from '../../ledger/sql/orders';
import { decideOrder, type OrderSources } from './decide-order';
import { readRecord } from './facts';

/** Milliseconds for which an order waits for better news before it is answered. */
const PATIENCE_MS = 2_000;

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
    const written = await ledger.writeOrder(key, order);
    if (written.entry !== undefined) return written;
    // Nobody who asks again helps a tenant that is not configured.
    platformOf(key.tenant);
    const record = await readRecord(platformOf, key, until);
    if (record instanceof ArchivistError)
      return record.type === 'ArchiveNotFound'
        ? { answer: 'unknown' }
        : { answer: 'notRecorded', why: 'the platform did not answer' };
    const writtenNow = await ledger.writeOrder(key, order, record);
    return writtenNow.entry === undefined ? refused('no claim of it was ever begun') : writtenNow;
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
}

/**
 * Answers an order that stands once more: one that was not decided when it was given may be by now. Nothing is read from the platform
 * if no request was ever begun that might touch the archive.
 * @returns `undefined` if neither a hold nor an order to end stands
 */
export async function decideAgain(sources: OrderSources, key: ArchiveKey): Promise<OrderAnswer | undefined> {
  const look = await sources.ledger.look(key);
  const { entry } = look;
  if (entry?.decided === undefined && entry?.held === undefined) return undefined;
  const isConfirmed = entry.decided ? wasConfirmed(entry) : look.flightsEver === 0 && !look.told;
  if (isConfirmed) return obeyed(entry);
  return await restrain(
    sources,
    key,
    entry.decided ? 'giveUp' : 'hold',
    look,
    AbortSignal.timeout(PATIENCE_MS),
  );
}

/** Whether it was decided that nothing was told. What is given up without a copy is `failed` when it is told, too. */
function wasConfirmed({ state, stateSince, toldAt }: LedgerEntry): boolean {
  return state === 'failed' && (toldAt === undefined || toldAt > stateSince);
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

/** Orders after which nothing may be abandoned: they are confirmed only if nothing was. */
async function restrain(
  sources: OrderSources,
  key: ArchiveKey,
  kind: 'hold' | keyof typeof DECISIONS,
  look: OrderLook,
  until: AbortSignal,
): Promise<OrderAnswer> {
  const { ledger } = sources;
  const decided = await decideOrder(sources, key, look, until);
  if (decided === 'obeyed' && kind !== 'hold') {
    const concluded = await ledger.conclude(
      key,
      DECIDED_FAILURES[look.entry?.decided?.decision ?? DECISIONS[kind]],
    );
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
