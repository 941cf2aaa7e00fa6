import { decideAgain, giveOrder } from '../../activities/claim/orders';
import { announce } from '../../claims/start-or-wake';
import type { Config } from '../../config/load-config';
import type { ArchiveKey } from '../../domain/ids';
import type { GivenOrder, OrderAnswer } from '../../domain/orders';
import type { Ledger } from '../../ledger/ledger';
import { createPlatforms } from '../../platform/create-platform';
import { askLedger } from '../open';
import { withTemporal } from '../with-temporal';

/** Milliseconds in which an open claim is told of an order. It reads the ledger by itself before it goes on. */
const WAKE_MS = 750;

/**
 * Gives an order: writes it into the ledger, which needs no worker, and answers from there; then wakes an open claim, so that it looks
 * at once.
 */
export async function give(
  config: Config,
  ledger: Ledger,
  key: ArchiveKey,
  order: GivenOrder,
): Promise<OrderAnswer> {
  const platforms = createPlatforms(config.tenants);
  try {
    const { platformOf } = platforms;
    return await giveOrder({ platformOf, ledger, expiry: config.expiry }, key, order);
  } finally {
    await platforms.close();
  }
}

/** Gives one order with a ledger of its own. */
export async function giveOne(config: Config, key: ArchiveKey, order: GivenOrder): Promise<OrderAnswer> {
  const answer = await askLedger(config, (ledger) => give(config, ledger, key, order));
  if (answer.answer === 'obeyed' || answer.answer === 'undecided') await wake(key);
  return answer;
}

/** The order stands whether or not Temporal answers, and whether or not there is an open claim. */
async function wake(key: ArchiveKey): Promise<void> {
  await withTemporal((client) =>
    client.withDeadline(Date.now() + WAKE_MS, () => announce(client, key)),
  ).catch(() => undefined);
}

/** What an answer means, in words; `undefined` if the order was obeyed. */
export function objectionTo(
  { archiveId, tenant }: ArchiveKey,
  { answer, state, why }: OrderAnswer,
): string | undefined {
  switch (answer) {
    case 'obeyed':
      return undefined;
    case 'undecided':
      return `Archive ${archiveId}: recorded, not yet decided. A request that was sent before may still take effect; ask again with \`archivist status ${archiveId}\`.`;
    case 'tooLate':
      return `Archive ${archiveId}: too late, the platform was told that it may delete its file.`;
    case 'unknown':
      return `Archive ${archiveId} is unknown to the platform of ${tenant}.`;
    case 'notRecorded':
      return `Archive ${archiveId}: not recorded, try again: ${why ?? 'nothing is known of it'}.`;
    case 'refused':
      return `Archive ${archiveId}: refused, ${why ?? 'the order does not fit'}${state === undefined ? '' : ` (state ${state})`}.`;
  }
}

/** Decides an order that stands once more, as far as that is possible now. @returns `undefined` if none stands */
export async function askAgain(
  config: Config,
  ledger: Ledger,
  key: ArchiveKey,
): Promise<OrderAnswer | undefined> {
  const platforms = createPlatforms(config.tenants);
  try {
    return await decideAgain({ platformOf: platforms.platformOf, ledger, expiry: config.expiry }, key);
  } finally {
    await platforms.close();
  }
}
