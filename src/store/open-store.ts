import { pathToFileURL } from 'node:url';
import type { ArchiveKey } from '../domain/ids';
import type { ArchiveStore } from './archive-store';
import { named } from './filesystem/failures';
import { identityOf, lookAt, requireOneFilesystem } from './filesystem/identity';
import { layoutOf } from './filesystem/layout';
import { archivesIn, removeAll, removeWhole } from './filesystem/leftovers';
import { openCopy } from './filesystem/open-copy';
import { receiveCopy, resumeCopy } from './filesystem/receive-copy';
import { sealCopy } from './filesystem/seal-copy';
import { markOfBag, readSealedBag } from './filesystem/sealed-bag';

/**
 * Opens the store at an address; does not touch it yet.
 * @param address `file:` and the absolute path of a directory of a POSIX filesystem, which must be one filesystem throughout
 * @param expectedIdentity the one that the ledger remembers: a store with another one, or none, is refused
 */
export function openStore(
  address: string,
  { expectedIdentity }: { readonly expectedIdentity?: string } = {},
): ArchiveStore {
  const root = address.slice('file:'.length);
  const layout = layoutOf(root);
  const identity = identityOf(layout, expectedIdentity);

  const checked = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    named(what, async () => {
      await identity.check();
      return work();
    });
  const inStore = <T>(verb: string, { archiveId }: ArchiveKey, work: () => Promise<T>): Promise<T> =>
    checked(`${verb} archive ${archiveId}`, work);

  return {
    url: pathToFileURL(root).href,
    initialise: () => named('initialise the store', () => identity.initialise()),
    look: () => named('look at the store', () => lookAt(layout)),
    check: (tenants = []) => checked('check the store', () => requireOneFilesystem(layout, tenants)),
    locationOf: (key) => pathToFileURL(layout.bag(key)).href,
    findSealed: (key) => inStore('find', key, async () => (await readSealedBag(layout, key))?.copy),
    receive: (key, source = {}) => inStore('receive', key, () => receiveCopy(layout, key, source)),
    resume: (key) => inStore('resume', key, () => resumeCopy(layout, key)),
    open: (key, copyId) => inStore('open', key, () => openCopy(layout, key, copyId)),
    markOf: (key) => inStore('find', key, () => markOfBag(layout, key)),
    discard: (key, copyId) => inStore('discard', key, () => removeWhole(layout.copy(key, copyId))),
    withIncoming: (tenant) =>
      checked('look for incoming copies', () => archivesIn(layout.incomingOf(tenant))),
    discardAll: (key) => inStore('discard', key, () => removeAll(layout.incoming(key))),
    seal: (key, copyId, contents, replaces) =>
      inStore('seal', key, () => sealCopy(layout, key, copyId, contents, replaces)),
  };
}
