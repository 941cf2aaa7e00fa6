import { cancellationSignal } from '@temporalio/activity';
import type { CopyVerdict } from '../domain/expiry';
import type { SecuredArchive } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import { SEALED } from '../store/archive-store';
import { abandonedIn } from './abandoned-archive';
import { countCopies } from './copy-metrics';
import type { Dependencies } from './dependencies';
import { examineCopy, type Examination } from './examine-copy';
import { TransferReport } from './transfer-report';

/**
 * Reads the stored copy of an abandoned archive back, whole, and records the fixity check. A bag that is damaged is moved
 * aside, so that a fresh one can take its place; it is read twice before it counts as such, as what reads it may be at fault.
 */
export function createRecheckCopy({ store, ledger }: Dependencies) {
  return async function recheckCopy(key: ArchiveKey): Promise<CopyVerdict> {
    const secured = abandonedIn(await ledger.find(key), key);
    const { verdict, found } = await examineTwice(key, secured);
    const ok = verdict === 'whole';
    const isNews = !ok && !(await isKnownAsDamaged(key));
    await ledger.noteVerification(key, { ...found, ok });
    countCopies(key.tenant, { archivist_copies_damaged: isNews ? 1 : 0, archivist_copies_repaired: 0 });
    if (!ok) await moveAside(key);
    return verdict;
  };

  async function examineTwice(key: ArchiveKey, secured: SecuredArchive): Promise<Examination> {
    const first = await examine(key, secured);
    return first.verdict === 'damaged' ? await examine(key, secured) : first;
  }

  async function examine(key: ArchiveKey, secured: SecuredArchive): Promise<Examination> {
    const report = new TransferReport();
    report.totalBytes = secured.sizeBytes;
    return await examineCopy(store, key, secured, {
      signal: cancellationSignal(),
      onBytes: (count) => report.add(count),
    });
  }

  /** A copy that stays gone is looked for again and again, and counts once. */
  async function isKnownAsDamaged(key: ArchiveKey): Promise<boolean> {
    const checks = (await ledger.history(key)).filter(({ type }) => type === 'fixity check');
    return checks.at(-1)?.outcome === 'failure';
  }

  async function moveAside(key: ArchiveKey): Promise<void> {
    // Where another attempt took over, what is in the place by now may be the fresh bag.
    cancellationSignal().throwIfAborted();
    await store.discard(key, SEALED);
  }
}
