import { isAbsolute, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ArchiveKey } from '../domain/ids';
import type { ArchiveStore } from './archive-store';
import { named } from './filesystem/failures';
import { identityOf } from './filesystem/identity';
import { layoutOf } from './filesystem/layout';
import { archivesIn, removeAll, removeWhole } from './filesystem/leftovers';
import { openCopy } from './filesystem/open-copy';
import { receiveCopy, resumeCopy } from './filesystem/receive-copy';
import { sealCopy } from './filesystem/seal-copy';
import { markOfBag, readSealedBag } from './filesystem/sealed-bag';

/** Thrown when the address of a store cannot be used. The message says what would be right. */
export class StoreAddressError extends Error {
  override readonly name = 'StoreAddressError';
}

/**
 * Opens the store at an address; does not touch it yet.
 *
 * `file:/path` is taken as it stands. `file:///path` is a URL (RFC 8089), in which `%20` is a space.
 * @throws {@link StoreAddressError}
 */
export function openStore(url: string, options: StoreOptions = {}): ArchiveStore {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/i.exec(url) ?? [];
  if (scheme.toLowerCase() === 'file') return createFilesystemStore(pathIn(url), options);
  throw new StoreAddressError(
    `A store with the scheme \`${scheme}\` is not supported; expected \`file:/DIRECTORY\`.`,
  );
}

function pathIn(url: string): string {
  const path = /^file:\/\//i.test(url) ? pathOfUrl(url) : url.slice('file:'.length);
  if (isAbsolute(path)) return normalize(path).replace(/(?<=.)\/+$/, '');
  throw new StoreAddressError('The path of a `file:` store must be absolute; expected `file:/DIRECTORY`.');
}

function pathOfUrl(url: string): string {
  try {
    const { href, search, hash } = new URL(url);
    if (search === '' && hash === '') return fileURLToPath(href);
  } catch {
    // Refused like an address with a query.
  }
  throw new StoreAddressError(
    'The `file:` URL of the store cannot be understood; expected `file:///DIRECTORY`.',
  );
}

export interface StoreOptions {
  /** The identity that the ledger remembers: a store with another one, or none, is refused. */
  readonly expectedIdentity?: string;
}

/** A store in the directory `root`, an absolute path, of a POSIX filesystem, which must be one filesystem throughout. */
export function createFilesystemStore(root: string, { expectedIdentity }: StoreOptions = {}): ArchiveStore {
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
    async check() {
      await named('check the store', () => identity.check());
    },
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
