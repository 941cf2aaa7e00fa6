import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ArchiveKey, TenantId } from '../../domain/ids';
import { copyMissing } from './failures';

const COPY_ID = /^[0-9a-f]{16}$/;

export type Layout = ReturnType<typeof layoutOf>;

/**
 * The paths in a store. A tenant's name never begins with a dot, so that its folder never collides with the store's own folders.
 * Everything is below one root, on one filesystem: a move is a `rename(2)`.
 */
export function layoutOf(root: string) {
  /** The directory of all incoming copies of the tenant, by archive. */
  const incomingOf = (tenant: TenantId) => join(root, '.incoming', tenant);
  /** The directory of all incoming copies of the archive. */
  const incoming = ({ tenant, archiveId }: ArchiveKey) => join(incomingOf(tenant), archiveId);
  return {
    root,
    /** The file that identifies a directory as this store. */
    marker: join(root, '.archivist-store'),
    /** The directory of the tenant's bags. */
    bagsOf: (tenant: TenantId): string => join(root, tenant),
    /** The directory of the archive's bag. */
    bag: ({ tenant, archiveId }: ArchiveKey): string => join(root, tenant, archiveId),
    incomingOf,
    incoming,
    /** The directory of one incoming copy. @throws `CopyMissing` if `copyId` does not have the form of one */
    copy(key: ArchiveKey, copyId: string): string {
      if (!isCopyId(copyId)) throw copyMissing(key);
      return join(incoming(key), copyId);
    },
    /** The directory of a new incoming copy, which does not exist yet. */
    newCopy: (key: ArchiveKey): string => join(incoming(key), newId()),
    /** A new place for a bag of the archive that failed its fixity check. */
    damaged({ tenant, archiveId }: ArchiveKey, movedAt: Date): string {
      const moved = movedAt.toISOString().replaceAll(/[-:.]/g, '');
      return join(root, '.damaged', tenant, `${archiveId}.${moved}-${newId()}`);
    },
  };
}

/** Whether a name is that of a copy, not of a directory that is being built or deleted. */
export function isCopyId(name: string): boolean {
  return COPY_ID.test(name);
}

/** A unique name. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}
