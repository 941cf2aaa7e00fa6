import { randomBytes } from 'node:crypto';
import { Refusal } from '../refusal';
import type { ArchiveFile } from './download';
import { FILE_PATH } from './endpoints';

/** Files behind URLs that each work once, as signed URLs of an object storage do for a while. */
export class OneTimeFiles {
  readonly #bySignature = new Map<string, ArchiveFile>();

  /** The path and query of a new URL; one that is expired already gives nothing. */
  issue(file: ArchiveFile, expired: boolean): string {
    const signature = randomBytes(16).toString('hex');
    if (!expired) this.#bySignature.set(signature, file);
    return `${FILE_PATH.replace(':archiveId', file.archiveId)}?signature=${signature}`;
  }

  /** @throws Refusal 403 where the URL was used before or never worked */
  take(signature: string | undefined): ArchiveFile {
    const file = this.#bySignature.get(signature ?? '');
    if (!file) throw new Refusal(403, 'The URL has expired.');
    this.#bySignature.delete(signature ?? '');
    return file;
  }

  clear(): void {
    this.#bySignature.clear();
  }
}
