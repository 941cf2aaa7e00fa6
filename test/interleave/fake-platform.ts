import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ArchivistError } from '../../src/domain/failures';
import { parseArchiveId, parseConferenceId, type ArchiveKey } from '../../src/domain/ids';
import type { AbandonAnswer, AbandonRequest } from '../../src/platform/abandon';
import type { Platform } from '../../src/platform/create-platform';
import type { Random } from '../chaos/plan/random';
import { buildZip } from '../store/build-zip';

export interface FakeArchive {
  readonly archiveId: string;
  conferenceId: string;
  status: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A request that the platform got, and may act on later. */
export interface Received {
  readonly conferenceId: string;
  readonly flightId: string | undefined;
  readonly owner: string;
  /** Refused, or too old to be acted on. */
  isOver: boolean;
}

/** The platform behind the product's port, in memory. It answers when it is asked; when it acts is the scheduler's choice. */
export class FakePlatform {
  readonly archives = new Map<string, FakeArchive>();
  readonly received: Received[] = [];
  /** Shares of answers that go wrong. */
  silence = 0;
  corruption = 0;
  /** Whether lists name no conferences. */
  isBlind = false;
  onEffect: (archive: FakeArchive, request: Received) => void = () => undefined;

  constructor(private readonly random: Random) {}

  add(archiveId: string, conferenceId: string, status = 'AVAILABLE'): FakeArchive {
    const bytes = buildZip([`${archiveId}.txt`]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const archive = { archiveId, conferenceId, status, bytes, sha256 };
    this.archives.set(archiveId, archive);
    return archive;
  }

  /** The port, for one actor. `flightOf` tells which flight its request belongs to. */
  portFor(
    owner: string,
    flightOf: () => string | undefined,
    wait: (point: string) => Promise<void>,
  ): Platform {
    const unsupported = () =>
      Promise.reject(new ArchivistError('SubscriptionsUnsupported', 'It has no subscriptions.'));
    return {
      abandonsConferences: true,
      register: unsupported,
      listSubscriptions: unsupported,
      reports: unsupported,
      deleteSubscription: unsupported,
      close: () => Promise.resolve(),
      fetchRecord: (key) => this.#record(key),
      download: (key) => this.#download(key),
      list: () => this.#list(),
      openAbandon: (_, conferenceId) =>
        Promise.resolve(
          this.#request({ conferenceId, owner, flightId: undefined, isOver: false }, flightOf, wait),
        ),
    };
  }

  /** The platform acts on a request: one archive of the conference is abandoned. */
  takeEffect(request: Received, archive: FakeArchive): void {
    archive.status = 'ABANDONED';
    this.onEffect(archive, request);
  }

  /** What a request would abandon if the platform acted on it now. */
  reachOf({ conferenceId, isOver }: Received): FakeArchive[] {
    if (isOver) return [];
    return [...this.archives.values()].filter(
      (archive) => archive.status === 'AVAILABLE' && archive.conferenceId === conferenceId,
    );
  }

  async #record({ tenant, archiveId }: ArchiveKey) {
    if (this.random.chance(this.silence))
      throw new ArchivistError('PlatformUnavailable', 'The platform is silent.');
    const archive = this.archives.get(archiveId);
    if (archive === undefined)
      throw new ArchivistError('ArchiveNotFound', `${tenant} has no archive ${archiveId}.`);
    const { conferenceId, status, sha256 } = archive;
    const content = { archiveId, conferenceId, status, sha256CheckSum: sha256 };
    const source = Buffer.from(JSON.stringify(content));
    return Promise.resolve({
      status,
      conferenceId: parseConferenceId(conferenceId),
      sha256,
      source,
      content,
    });
  }

  async #download({ archiveId }: ArchiveKey) {
    const archive = this.archives.get(archiveId);
    if (archive === undefined || !['AVAILABLE', 'ABANDONED'].includes(archive.status))
      throw new ArchivistError('ArchiveNotFound', `There is no file of ${archiveId}.`);
    const bytes = Buffer.from(archive.bytes);
    if (this.random.chance(this.corruption)) bytes[12]! ^= 1;
    const totalBytes = bytes.length;
    return Promise.resolve({
      body: Readable.from([bytes]),
      start: 0,
      end: totalBytes,
      totalBytes,
      validator: '"one"',
    });
  }

  async *#list() {
    await Promise.resolve();
    for (const { archiveId, conferenceId, status } of [...this.archives.values()])
      yield {
        archiveId: parseArchiveId(archiveId),
        status,
        ...(!this.isBlind && { conferenceId: parseConferenceId(conferenceId) }),
      };
  }

  #request(
    asked: Received,
    flightOf: () => string | undefined,
    wait: (point: string) => Promise<void>,
  ): AbandonRequest {
    return {
      close: () => undefined,
      send: async (mayBeSent): Promise<AbandonAnswer> => {
        await wait('platform.send');
        if (!mayBeSent()) return { outcome: 'unsent' };
        const request = { ...asked, flightId: flightOf() };
        this.received.push(request);
        const share = this.random.share();
        if (share < 0.4) for (const archive of this.reachOf(request)) this.takeEffect(request, archive);
        await wait('platform.answer');
        // Nobody refuses what has had an effect.
        const hadNone = [...this.archives.values()].every(({ status }) => status !== 'ABANDONED');
        if (share < 0.85 || !hadNone || request.isOver) return { outcome: 'open' };
        request.isOver = true;
        return {
          outcome: 'refused',
          failure: new ArchivistError('AbandonUnconfirmed', 'The platform refused it.'),
        };
      },
    };
  }
}
