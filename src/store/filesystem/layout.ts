import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey, TenantId } from '../../domain/ids';

const COPY_ID = /^[0-9a-f]{16}$/;

/**
 * Where things are in a store. A tenant never begins with a dot, so that its folder is none of the store's own.
 * Everything is below one root, on one filesystem: moving is `rename(2)`.
 */
export interface Layout {
  readonly root: string;
  /** The file that tells this store from every other directory. */
  readonly marker: string;
  /** The directory of the archive's bag. */
  bag(key: ArchiveKey): string;
  /** The directory of all incoming copies of the tenant, by archive. */
  incomingOf(tenant: TenantId): string;
  /** The directory of all incoming copies of the archive. */
  incoming(key: ArchiveKey): string;
  /** The directory of one incoming copy. @throws `CopyMissing` where `copyId` is none that a store gave out */
  copy(key: ArchiveKey, copyId: string): string;
  /** A new place for a bag of the archive that failed its proof. */
  damaged(key: ArchiveKey, movedAt: Date): string;
}

export function layoutOf(root: string): Layout {
  const incomingOf = (tenant: TenantId) => join(root, '.incoming', tenant);
  const incoming = ({ tenant, archiveId }: ArchiveKey) => join(incomingOf(tenant), archiveId);
  return {
    root,
    marker: join(root, '.archivist-store'),
    bag: ({ tenant, archiveId }) => join(root, tenant, archiveId),
    incomingOf,
    incoming,
    copy: (key, copyId) => {
      if (!COPY_ID.test(copyId)) throw copyMissing(key);
      return join(incoming(key), copyId);
    },
    damaged: ({ tenant, archiveId }, movedAt) =>
      join(
        root,
        '.damaged',
        tenant,
        `${archiveId}.${movedAt.toISOString().replaceAll(/[-:.]/g, '')}-${newId()}`,
      ),
  };
}

/** Whether a name is one of a copy, and not of something that is being built or deleted. */
export function isCopyId(name: string): boolean {
  return COPY_ID.test(name);
}

/** A name that nobody else has. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}

export function copyMissing({ archiveId }: ArchiveKey): ArchivistError {
  return new ArchivistError('CopyMissing', `The store has no such copy of archive ${archiveId}.`);
}

/** A copy that is there, and cannot be read back: another one must take its place. */
export function copyUnreadable({ archiveId }: ArchiveKey): ArchivistError {
  return new ArchivistError(
    'CopyMissing',
    `A part of the copy of archive ${archiveId} cannot be read (EIO).`,
  );
}
