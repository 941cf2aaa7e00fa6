import { cancellationSignal } from '@temporalio/activity';
import type { SecuredArchive } from '../domain/claim';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey, ConferenceId } from '../domain/ids';
import { availabilityOf, isDocumented } from '../domain/statuses';
import type { Dependencies } from './dependencies';

/**
 * Tells the platform that it may delete its file. Before: the record is fetched afresh, the ledger must say that this very
 * copy of this very conference is secured, the bag must be in its place, and copy-only mode must be off. After: the record must show it, since an
 * accepted abandon may be without effect and a failed one may have had it.
 */
export function createAbandonArchive({ platformOf, store, ledger, settings }: Dependencies) {
  return async function abandonArchive(key: ArchiveKey, { sha256 }: SecuredArchive): Promise<void> {
    const record = await platformOf(key.tenant).fetchRecord(key, cancellationSignal());
    if (isTold(record.status)) {
      await ledger.abandon(key, record.status);
      return;
    }

    if (availabilityOf(record.status) !== 'available')
      throw unconfirmed(key, `the platform shows ${shown(record.status)}`);
    if (record.conferenceId === undefined || (record.sha256 ?? sha256) !== sha256) {
      throw new ArchivistError(
        'RecordInvalid',
        `The record of archive ${key.archiveId} of ${key.tenant} changed after its copy was secured.`,
      );
    }
    await refuseUnlessSafe(key, record.conferenceId, sha256);
    await platformOf(key.tenant).abandon(key, record.conferenceId, cancellationSignal());
    await confirm(key);
  };

  async function refuseUnlessSafe(
    key: ArchiveKey,
    conferenceId: ConferenceId,
    sha256: string,
  ): Promise<void> {
    if (!settings.abandon) {
      throw new ArchivistError(
        'NotSecured',
        `Archive ${key.archiveId} of ${key.tenant} is not abandoned: claim.abandon is off.`,
      );
    }
    const bag = await store.findSealed(key);
    if (bag?.sha256 !== sha256) {
      throw new ArchivistError(
        'CopyMissing',
        `The secured copy of archive ${key.archiveId} of ${key.tenant} is not in the store; it was not abandoned.`,
      );
    }
    switch (await ledger.judgeAbandon(key, { conferenceId, sha256 })) {
      case 'safe':
        return;
      case 'notSecured':
        throw new ArchivistError(
          'NotSecured',
          `The ledger does not say that archive ${key.archiveId} of ${key.tenant} is secured; it was not abandoned.`,
        );
      case 'conferenceNotSecured':
        throw new ArchivistError(
          'ConferenceNotSecured',
          `Another archive of the conference of archive ${key.archiveId} of ${key.tenant} is not secured yet.`,
        );
    }
  }

  async function confirm(key: ArchiveKey): Promise<void> {
    const { status } = await platformOf(key.tenant).fetchRecord(key, cancellationSignal());
    if (!isTold(status)) throw unconfirmed(key, `the platform accepted it and still shows ${shown(status)}`);
    await ledger.abandon(key, status);
  }
}

function isTold(status: string): boolean {
  const availability = availabilityOf(status);
  return availability === 'abandoned' || availability === 'expired';
}

/** A status that is not documented may be any text. */
function shown(status: string): string {
  return isDocumented(status) ? status : 'a status that is not documented';
}

function unconfirmed({ tenant, archiveId }: ArchiveKey, why: string): ArchivistError {
  return new ArchivistError(
    'AbandonUnconfirmed',
    `The abandon of archive ${archiveId} of ${tenant} is not confirmed: ${why}.`,
  );
}
