import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ArchiveKey, TenantId } from '../../domain/ids';
import { copyMissing } from './failures';

const COPY_ID = /^[0-9a-f]{16}$/;

export type Layout = ReturnType<typeof layoutOf>;

/**
 * Where things are in a store. A tenant never begins with a dot, so that its folder is none of the store's own.
 * Everything is below one root, on one filesystem: moving is `rename(2)`.
 */
export function layoutOf(root: string) {
  /** The directory of all incoming copies of the tenant, by archive. */
  const incomingOf = (tenant: TenantId) => join(root, '.incoming', tenant);
  /** The directory of all incoming copies of the archive. */
  const incoming = ({ tenant, archiveId }: ArchiveKey) => join(incomingOf(tenant), archiveId);
  return {
    root,
    /** The file that tells this store from every other directory. */
    marker: join(root, '.archivist-store'),
    /** The directory of the tenant's bags. */
    bagsOf: (tenant: TenantId): string => join(root, tenant),
    /** The directory of the archive's bag. */
    bag: ({ tenant, archiveId }: ArchiveKey): string => join(root, tenant, archiveId),
    incomingOf,
    incoming,
    /** The directory of one incoming copy. @throws `CopyMissing` if `copyId` is none that a store gave out */
    copy(key: ArchiveKey, copyId: string): string {
      if (!isCopyId(copyId)) throw copyMissing(key);
      return join(incoming(key), copyId);
    },
    /** The directory of a new incoming copy, which is not there yet. */
    newCopy: (key: ArchiveKey): string => join(incoming(key), newId()),
    /** A new place for a bag of the archive that failed its proof. */
    damaged({ tenant, archiveId }: ArchiveKey, movedAt: Date): string {
      const moved = movedAt.toISOString().replaceAll(/[-:.]/g, '');
      return join(root, '.damaged', tenant, `${archiveId}.${moved}-${newId()}`);
    },
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
