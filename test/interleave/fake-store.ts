import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ArchivistError } from '../../src/domain/failures';
import { parseArchiveId, type ArchiveKey } from '../../src/domain/ids';
import {
  SEALED,
  type ArchiveStore,
  type CopyReader,
  type IncomingCopy,
  type Source,
} from '../../src/store/archive-store';

interface Bag {
  readonly mark: string;
  readonly sha256: string;
  bytes: Buffer;
}

interface Incoming {
  readonly archiveId: string;
  readonly source: Source;
  bytes: Buffer;
}

/** The store behind the product's port, in memory. A copy that was taken over is written to by its new owner only. */
export class FakeStore {
  readonly bags = new Map<string, Bag>();
  readonly #incoming = new Map<string, Incoming>();
  #count = 0;
  /** Called when a bag leaves its place for another one. */
  onReplaced: (archiveId: string, replaced: Bag) => void = () => undefined;

  vanish(archiveId: string): void {
    this.bags.delete(archiveId);
  }

  isSafe(archiveId: string, sha256: string): boolean {
    const bag = this.bags.get(archiveId);
    return bag !== undefined && createHash('sha256').update(bag.bytes).digest('hex') === sha256;
  }

  /** @param wrap makes a call to an incoming copy wait for its turn */
  port(wrap: (copy: IncomingCopy) => IncomingCopy): ArchiveStore {
    const locationOf = ({ archiveId }: ArchiveKey) => `memory:${archiveId}`;
    const receive = (archiveId: string, source: Source, bytes: Buffer) =>
      wrap(this.#begin(archiveId, source, bytes));
    return {
      url: 'memory:',
      initialise: () => Promise.resolve('identity'),
      look: () => Promise.resolve({ identity: 'identity', hasBags: true }),
      check: () => Promise.resolve(),
      locationOf,
      findSealed: (key) => {
        const bag = this.bags.get(key.archiveId);
        return Promise.resolve(
          bag && { location: locationOf(key), sha256: bag.sha256, sizeBytes: bag.bytes.length },
        );
      },
      markOf: ({ archiveId }) => Promise.resolve(this.bags.get(archiveId)?.mark),
      receive: ({ archiveId }, source = {}) => Promise.resolve(receive(archiveId, source, Buffer.alloc(0))),
      resume: ({ archiveId }) => {
        const found = [...this.#incoming].find(([, incoming]) => incoming.archiveId === archiveId);
        if (found === undefined) return Promise.resolve(undefined);
        this.#incoming.delete(found[0]);
        return Promise.resolve(receive(archiveId, found[1].source, found[1].bytes));
      },
      open: async (key, copyId) => Promise.resolve(this.#open(key, copyId)),
      discard: (_, copyId) => Promise.resolve(void this.#incoming.delete(copyId)),
      withIncoming: () =>
        Promise.resolve([...this.#incoming.values()].map(({ archiveId }) => parseArchiveId(archiveId))),
      discardAll: ({ archiveId }) => {
        for (const [copyId, incoming] of this.#incoming)
          if (incoming.archiveId === archiveId) this.#incoming.delete(copyId);
        return Promise.resolve();
      },
      seal: async (key, copyId, contents, replaces) => {
        this.#seal(key.archiveId, copyId, contents, replaces);
        return Promise.resolve({
          location: locationOf(key),
          sha256: contents.sha256,
          sizeBytes: contents.sizeBytes,
        });
      },
    };
  }

  #begin(archiveId: string, source: Source, bytes: Buffer): IncomingCopy {
    this.#count += 1;
    const copyId = `copy-${this.#count}`;
    const incoming: Incoming = { archiveId, source, bytes };
    this.#incoming.set(copyId, incoming);
    return {
      copyId,
      source,
      get receivedBytes() {
        return incoming.bytes.length;
      },
      append: (...chunks) =>
        Promise.resolve(void (incoming.bytes = Buffer.concat([incoming.bytes, ...chunks]))),
      finish: () => Promise.resolve(),
      release: () => Promise.resolve(),
      discard: () => Promise.resolve(void this.#incoming.delete(copyId)),
    };
  }

  #open({ archiveId }: ArchiveKey, copyId: string): CopyReader {
    const bytes = (copyId === SEALED ? this.bags.get(archiveId) : this.#incoming.get(copyId))?.bytes;
    if (bytes === undefined)
      throw new ArchivistError('CopyMissing', `There is no copy ${copyId} of ${archiveId}.`);
    return {
      sizeBytes: bytes.length,
      stream: () => Readable.from([bytes]),
      readAt: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
      close: () => Promise.resolve(),
    };
  }

  #seal(
    archiveId: string,
    copyId: string,
    contents: { sha256: string; sizeBytes: number },
    replaces?: string,
  ): void {
    const bag = this.bags.get(archiveId);
    const isReplaced = replaces !== undefined && bag?.mark === replaces;
    if (copyId !== SEALED && (bag === undefined || isReplaced)) {
      const incoming = this.#incoming.get(copyId);
      if (incoming === undefined)
        throw new ArchivistError('CopyMissing', `There is no copy ${copyId} of ${archiveId}.`);
      if (incoming.bytes.length !== contents.sizeBytes)
        throw new ArchivistError('ChecksumMismatch', 'It has another size.');
      if (bag !== undefined) this.onReplaced(archiveId, bag);
      this.#count += 1;
      this.bags.set(archiveId, {
        mark: `bag-${this.#count}`,
        sha256: contents.sha256,
        bytes: incoming.bytes,
      });
    }
    const sealed = this.bags.get(archiveId);
    if (sealed === undefined) throw new ArchivistError('CopyMissing', `There is no bag of ${archiveId}.`);
    if (sealed.sha256 !== contents.sha256) throw new ArchivistError('StoreConflict', 'Another bag is there.');
    for (const [id, { archiveId: of }] of this.#incoming) if (of === archiveId) this.#incoming.delete(id);
  }
}
