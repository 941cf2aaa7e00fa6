import { isAbsolute, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveStore } from './archive-store';
import { createFilesystemStore } from './filesystem/create-filesystem-store';

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
export function openStore(url: string, options: { readonly expectedIdentity?: string } = {}): ArchiveStore {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/i.exec(url) ?? [];
  if (scheme.toLowerCase() === 'file') return createFilesystemStore({ root: pathIn(url), ...options });
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
