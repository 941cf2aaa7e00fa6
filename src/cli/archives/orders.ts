import { Argument, type Command } from 'commander';
import { expiryTerms } from '../../activities/claim/facts';
import { decideAgain, giveOrder } from '../../activities/claim/orders';
import { announce } from '../../claims/start-or-wake';
import type { Config } from '../../config/load-config';
import type { ArchiveKey } from '../../domain/ids';
import { CHOICES, type Choice, type GivenOrder, type OrderAnswer } from '../../domain/orders';
import type { Ledger } from '../../ledger/ledger';
import { askLedger, withPlatforms } from '../open';
import { durationArgument, orderArguments, orderCommand, type OrderOptions } from '../options';
import { say, sayJson } from '../output';
import { withTemporal } from '../with-temporal';

/** Milliseconds for signalling an order to an open claim. The claim also reads the ledger by itself before it goes on. */
const WAKE_MS = 750;

/** Gives a claim that needs a person its decision. */
export function decideCommand(): Command {
  return orderCommand('decide', 'settle what a claim that needs a person waits for, or give a claim up')
    .addArgument(new Argument('<choice>', 'what to do').choices(CHOICES))
    .action((id: string, kind: Choice, options: OrderOptions) => order(id, options, { kind }, kind));
}

export function extendCommand(): Command {
  return orderCommand('extend', "move a claim's deadline later")
    .argument('<duration>', 'how much later, such as "3 days"', durationArgument)
    .action((id: string, ms: number, options: OrderOptions) =>
      order(id, options, { kind: 'extend', ms }, 'extended'),
    );
}

export function holdCommand(): Command {
  return orderCommand('hold', 'keep an archive from being abandoned until it is released').action(
    (id: string, options: OrderOptions) => order(id, options, { kind: 'hold' }, 'held'),
  );
}

export function releaseCommand(): Command {
  return orderCommand('release', 'end the hold of an archive: it may be abandoned').action(
    (id: string, options: OrderOptions) => order(id, options, { kind: 'release' }, 'released'),
  );
}

/** @throws Error unless the order was confirmed: a script may rely on confirmed orders only */
async function order(
  id: string,
  options: OrderOptions,
  what: { readonly kind: 'extend'; readonly ms: number } | { readonly kind: Choice | 'hold' | 'release' },
  words: string,
): Promise<void> {
  const { config, keys, given } = orderArguments([id], options);
  for (const key of keys) {
    const answer = await askLedger(config, (ledger) => give(config, ledger, key, { ...what, ...given }));
    if (answer.answer === 'confirmed' || answer.answer === 'undecided') await wake(key);
    const { deadlineAt, ...shown } = answer;
    const deadline = deadlineAt === undefined ? undefined : new Date(deadlineAt).toISOString();
    const objection = objectionTo(key, answer);
    if (options.json) sayJson({ ...key, order: what.kind, ...given, ...shown, deadline });
    if (objection !== undefined) throw new Error(objection);
    if (!options.json) say(`${id}  ${words}${deadline === undefined ? '' : ` until ${deadline}`}`);
  }
}

/** The order stands whether or not Temporal answers, and whether or not there is an open claim. */
async function wake(key: ArchiveKey): Promise<void> {
  await withTemporal((client) => announce(client, key), { limitMs: WAKE_MS }).catch(() => undefined);
}

/** Gives an order: writes it into the ledger, which needs no worker, and answers from there. */
export function give(
  config: Config,
  ledger: Ledger,
  key: ArchiveKey,
  given: GivenOrder,
): Promise<OrderAnswer> {
  return withPlatforms(config, (platformOf) =>
    giveOrder({ platformOf, ledger, expiry: expiryTerms(config.expiry) }, key, given),
  );
}

/** Tries again to decide a standing order. @returns `undefined` if none stands */
export function askAgain(config: Config, ledger: Ledger, key: ArchiveKey): Promise<OrderAnswer | undefined> {
  return withPlatforms(config, (platformOf) =>
    decideAgain({ platformOf, ledger, expiry: expiryTerms(config.expiry) }, key),
  );
}

/** Puts an answer into words; `undefined` if the order was confirmed. */
export function objectionTo(
  { archiveId, tenant }: ArchiveKey,
  { answer, state, why }: OrderAnswer,
): string | undefined {
  switch (answer) {
    case 'confirmed':
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
