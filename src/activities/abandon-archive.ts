import { cancellationSignal, Context, heartbeat } from '@temporalio/activity';
import type { SecuredArchive } from '../domain/claim';
import { ArchivistError } from '../domain/failures';
import type { ArchiveId, ArchiveKey, ConferenceId } from '../domain/ids';
import { availabilityOf, isDocumented } from '../domain/statuses';
import type { Ledger } from '../ledger/ledger';
import { createConferenceMembers } from './conference-members';
import type { Dependencies } from './dependencies';

/** Milliseconds between signs of life: the platform's list may be long. */
const HEARTBEAT_MS = 5_000;

/** An abandon takes nothing from these. */
const GONE: readonly string[] = ['failed', 'abandoned', 'expired'];

/** Milliseconds after which a held archive is looked at again; the claim that holds it is told at once. */
const HELD_PAUSE = 60_000;

/**
 * Tells the platform that it may delete its file. Before: the record is fetched afresh, the ledger must say that this very
 * copy of this very conference is secured and that nobody holds it, no other archive that the platform lists for the conference
 * may be without a secured copy, the bag must be in its place, and copy-only mode must be off unless a person ordered the
 * abandon. After: the record must show it, since an accepted abandon may be without effect and
 * a failed one may have had it.
 */
export function createAbandonArchive({ platformOf, store, ledger, settings }: Dependencies) {
  const membersOf = createConferenceMembers(platformOf);

  return async function abandonArchive(key: ArchiveKey, secured: SecuredArchive): Promise<void> {
    const alive = setInterval(heartbeat, HEARTBEAT_MS);
    try {
      await abandonOnce(key, secured);
    } finally {
      clearInterval(alive);
    }
  };

  async function abandonOnce(key: ArchiveKey, { sha256 }: SecuredArchive): Promise<void> {
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
  }

  async function refuseUnlessSafe(
    key: ArchiveKey,
    conferenceId: ConferenceId,
    sha256: string,
  ): Promise<void> {
    if (!settings.abandon && (await ledger.find(key))?.abandonOrderedBy === undefined) {
      throw new ArchivistError(
        'NotSecured',
        `Archive ${key.archiveId} of ${key.tenant} is not abandoned: claim.abandon is off, and nobody ordered it.`,
      );
    }
    const bag = await store.findSealed(key);
    if (bag?.sha256 !== sha256) {
      throw new ArchivistError(
        'CopyMissing',
        `The secured copy of archive ${key.archiveId} of ${key.tenant} is not in the store; it was not abandoned.`,
      );
    }
    const expected = { conferenceId, sha256 };
    // The list, which may be long, is only asked for where everything else allows the abandon; it has the last word.
    await requireSafe(key, expected);
    await requireSafe(key, { ...expected, others: await otherMembers(key, conferenceId) });
  }

  async function requireSafe(
    key: ArchiveKey,
    expected: Parameters<Ledger['judgeAbandon']>[1],
  ): Promise<void> {
    switch (await ledger.judgeAbandon(key, expected)) {
      case 'safe':
        return;
      case 'notSecured':
        throw new ArchivistError(
          'NotSecured',
          `The ledger does not say that archive ${key.archiveId} of ${key.tenant} is secured; it was not abandoned.`,
        );
      case 'held':
        throw new ArchivistError(
          'Held',
          `Archive ${key.archiveId} of ${key.tenant}, or another one of its conference, is held; it was not abandoned.`,
          HELD_PAUSE,
        );
      case 'conferenceNotSecured':
        throw new ArchivistError(
          'ConferenceNotSecured',
          `Another archive of the conference of archive ${key.archiveId} of ${key.tenant} is not secured yet.`,
        );
    }
  }

  /** The other archives of the conference that the platform may still have: it may list some that nobody announced. */
  async function otherMembers(key: ArchiveKey, conferenceId: ConferenceId): Promise<ArchiveId[]> {
    if (!platformOf(key.tenant).abandonsConferences) return [];
    const members = await Promise.race([membersOf(key.tenant, conferenceId), Context.current().cancelled]);
    if (!members.some(({ archiveId }) => archiveId === key.archiveId)) {
      throw new ArchivistError(
        'PlatformUnavailable',
        `The platform's list lacks archive ${key.archiveId} of ${key.tenant}, and so perhaps others; nothing was abandoned on it.`,
      );
    }
    return members
      .filter(
        ({ archiveId, status }) => archiveId !== key.archiveId && !GONE.includes(availabilityOf(status)),
      )
      .map(({ archiveId }) => {
        if (archiveId !== undefined) return archiveId;
        throw new ArchivistError(
          'ConferenceNotSecured',
          `The conference of archive ${key.archiveId} of ${key.tenant} has an archive with an id that cannot be used.`,
        );
      });
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
