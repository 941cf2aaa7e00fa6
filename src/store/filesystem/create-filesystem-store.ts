import { pathToFileURL } from 'node:url';
import type { ArchiveKey } from '../../domain/ids';
import type { ArchiveStore } from '../archive-store';
import { named } from './failures';
import { checkIdentity, initialiseIdentity } from './identity';
import { layoutOf } from './layout';
import { archivesIn, removeAll, removeWhole } from './leftovers';
import { openCopy } from './open-copy';
import { receiveCopy } from './receive-copy';
import { sealCopy } from './seal-copy';
import { markOfBag, readSealedBag } from './sealed-bag';
import { takeOver } from './take-over';

export interface FilesystemStoreOptions {
  /** The absolute path of the store's directory. */
  readonly root: string;
  /** The identity that the ledger remembers: a store with another one, or none, is refused. */
  readonly expectedIdentity?: string;
}

/** A store in a directory of a POSIX filesystem, which must be one filesystem throughout. */
export function createFilesystemStore({ root, expectedIdentity }: FilesystemStoreOptions): ArchiveStore {
  const layout = layoutOf(root);

  const inStore = <T>(verb: string, { archiveId }: ArchiveKey, work: () => Promise<T>): Promise<T> =>
    named(`${verb} archive ${archiveId}`, async () => {
      await checkIdentity(layout, expectedIdentity);
      return work();
    });

  return {
    url: pathToFileURL(root).href,
    initialise: () => named('initialise the store', () => initialiseIdentity(layout, expectedIdentity)),
    check: () =>
      named('check the store', async () => {
        await checkIdentity(layout, expectedIdentity);
      }),
    locationOf: (key) => pathToFileURL(layout.bag(key)).href,
    findSealed: (key) => inStore('find', key, async () => (await readSealedBag(layout, key))?.copy),
    receive: (key, source = {}) => inStore('receive', key, () => receiveCopy(layout, key, source)),
    resume: (key) => inStore('resume', key, () => takeOver(layout, key)),
    open: (key, copyId) => inStore('open', key, () => openCopy(layout, key, copyId)),
    markOf: (key) => inStore('find', key, () => markOfBag(layout, key)),
    discard: (key, copyId) => inStore('discard', key, () => removeWhole(layout.copy(key, copyId))),
    withIncoming: (tenant) =>
      named('look for incoming copies', async () => {
        await checkIdentity(layout, expectedIdentity);
        return await archivesIn(layout.incomingOf(tenant));
      }),
    discardAll: (key) => inStore('discard', key, () => removeAll(layout.incoming(key))),
    seal: (key, copyId, contents, replaces) =>
      inStore('seal', key, () => sealCopy(layout, key, copyId, contents, replaces)),
  };
}
