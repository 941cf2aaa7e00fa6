import type { Command } from 'commander';
import { loadConfig } from '../../config/load-config';
import { ArchivistError } from '../../domain/failures';
import { parseArchiveId, type ArchiveKey, type TenantId } from '../../domain/ids';
import type { CopyVerdict } from '../../domain/sweep';
import type { Ledger, LedgerEntry } from '../../ledger/ledger';
import { examineCopy, type Examination } from '../../store/examine-copy';
import { withStorage, type Storage } from '../open';
import { configuredCommand, chooseTenant, UsageError, type TenantOptions } from '../options';
import { formatBytes, print } from '../output';
import { waitingFor } from '../waiting';

interface VerifyOptions extends TenantOptions {
  readonly all?: boolean;
}

/** The result of examining one copy. `unreadable`: it could not be judged, and nothing is recorded. */
interface Finding {
  readonly status: CopyVerdict | 'not secured' | 'unreadable';
  readonly sizeBytes?: number;
  readonly sha256?: string;
  readonly reason?: string;
}

/** Entries that one query asks the ledger for. */
const PAGE = 200;

export function verifyCommand(): Command {
  return configuredCommand(
    'verify',
    'read stored copies back whole; fail if one is not what was secured',
    "whose archives they are; with --all, only this tenant's",
  )
    .argument('[id...]', 'archive ids')
    .option('--all', 'every copy that the ledger knows of')
    .action(verify);
}

async function verify(ids: readonly string[], options: VerifyOptions): Promise<void> {
  const { all = false, tenant } = options;
  const config = loadConfig(options.config);
  if (all === ids.length > 0) throw new UsageError('Name the archives, or all of them with --all.');
  const only = all && tenant === undefined ? undefined : chooseTenant(config, tenant);
  const keys = only === undefined ? [] : ids.map((id) => ({ tenant: only, archiveId: parseArchiveId(id) }));
  await withStorage(config, async (storage) => {
    let [copies, wrong] = [0, 0];
    const { ledger } = storage;
    for await (const [key, entry] of all ? everyEntry(ledger, only) : entriesOf(ledger, keys)) {
      const soon = waitingFor(`the store: the copy of ${key.archiveId} is read whole`);
      const finding = await soon(look(storage, key, entry, config.expiry.recheck));
      show(key, finding, options);
      copies += 1;
      if (finding.status !== 'whole') wrong += 1;
    }
    if (wrong > 0) throw new Error(`${wrong} of ${copies} copies are not whole.`);
  });
}

type Entries = AsyncIterable<readonly [ArchiveKey, LedgerEntry | undefined]>;

async function* entriesOf(ledger: Ledger, keys: readonly ArchiveKey[]): Entries {
  for (const key of keys) yield [key, await ledger.find(key)];
}

async function* everyEntry(ledger: Ledger, tenant: TenantId | undefined): Entries {
  const filter = { ...(tenant !== undefined && { tenant }), limit: PAGE };
  for (let after: ArchiveKey | undefined; ;) {
    const page = await ledger.listSecured({ ...filter, ...(after && { after }) });
    for (const entry of page) yield [entry, entry];
    after = page.at(-1);
    if (after === undefined) return;
  }
}

async function look(
  { store, ledger }: Storage,
  key: ArchiveKey,
  entry: LedgerEntry | undefined,
  recheckMs: number,
): Promise<Finding> {
  const { securedAt, sha256, sizeBytes } = entry ?? {};
  if (!entry || securedAt === undefined || sha256 === undefined || sizeBytes === undefined)
    return { status: 'not secured' };
  try {
    const examined = await examineCopy(store, key, { sha256, sizeBytes }, {});
    await record(ledger, entry, examined, recheckMs);
    return { status: examined.verdict, ...examined.found };
  } catch (error) {
    if (!(error instanceof ArchivistError) || error.type === 'LedgerUnavailable') throw error;
    return { status: 'unreadable', reason: `${error.type}: ${error.message}` };
  }
}

/**
 * Records the check. If the copy is whole as before, this replaces none of the checks that are due. Any other result counts as
 * in a sweep: a bad copy needs a person, and is due to be checked again at once, for its repair.
 */
async function record(
  ledger: Ledger,
  entry: LedgerEntry,
  { verdict, found }: Examination,
  recheckMs: number,
): Promise<void> {
  const { fixity } = entry;
  if (verdict === 'whole' && fixity?.ok === true)
    await ledger.noteMemberFixity(entry, { ...found, verdict, seen: fixity.at });
  else await ledger.recordRecheck(entry, { ...found, verdict, retryMs: 0, recheckMs });
}

function show({ tenant, archiveId }: ArchiveKey, finding: Finding, options: VerifyOptions): void {
  const { status, sizeBytes, sha256, reason } = finding;
  const size = sizeBytes === undefined ? undefined : formatBytes(sizeBytes);
  const words = [tenant, archiveId, status, size, sha256, reason].filter((each) => each !== undefined);
  print(options, { tenant, archiveId, ...finding }, words.join('  '));
}
