import type { ArchiveFacts } from '../domain/claim';
import type { AbandonedArchive, CopyVerdict } from '../domain/expiry';
import { handlingOf, type FailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { failureTypeOf } from './failure-type';
import { persistently, troubleIn } from './persistently';
import { FOR_MINUTES, step, URGENTLY, type Variation } from './policy';
import type { WatchStatus } from './watch-expiry-status';
import type { Rest } from './watch-expiry-rest';

/** Copies that are thrown away and downloaded afresh before a person is asked. */
const FRESH_COPIES = 3;

const PACES = { first: FOR_MINUTES, then: {} } as const;

/** Why a copy is not whole yet. */
interface Trouble {
  readonly reason: FailureType;
  readonly cause?: FailureType;
}

/** The stored copy of an abandoned archive, and what it takes to have it whole. */
export class StoredCopy {
  readonly #facts: ArchiveFacts;

  constructor(
    private readonly key: ArchiveKey,
    { conferenceId, sha256 }: AbandonedArchive,
    private readonly status: WatchStatus,
    private readonly rest: Rest,
  ) {
    this.#facts = { conferenceId, sha256, platformStatus: 'ABANDONED' };
  }

  /** Verifies the copy. Where it is not right, it is downloaded again, or a person waited for, until it is. */
  async prove(): Promise<void> {
    const before = this.status.attention;
    for (;;) {
      this.rest.hear();
      const trouble = await this.findTrouble();
      if (trouble === undefined) break;
      await this.status.needPerson(trouble.reason, trouble.cause);
      await this.rest.take();
    }
    if (this.status.attention !== before) await this.status.settle();
  }

  private async findTrouble(): Promise<Trouble | undefined> {
    try {
      if ((await this.verify()) === 'whole') return undefined;
    } catch (error) {
      return { reason: troubleIn(error) };
    }
    try {
      await this.replace();
      return undefined;
    } catch (error) {
      return copyDamaged(troubleIn(error));
    }
  }

  private async verify(): Promise<CopyVerdict> {
    this.status.enter('verifying');
    return await persistently(
      (pace) => step('recheckCopy', 'Read the stored copy back', pace).recheckCopy(this.key),
      PACES,
      (reason) => this.status.needPerson(reason),
    );
  }

  private async replace(): Promise<void> {
    this.status.enter('repairing');
    await persistently(
      (pace) => this.downloadAgain(pace),
      PACES,
      (cause) => this.status.needPerson('CopyDamaged', cause),
    );
  }

  private async downloadAgain(pace: Variation): Promise<void> {
    for (let copies = 1; ; copies += 1) {
      try {
        await this.secureAgain({ ...pace, ...URGENTLY });
        return;
      } catch (error) {
        const type = failureTypeOf(error);
        if (type === undefined || handlingOf(type) !== 'downloadAgain' || copies === FRESH_COPIES)
          throw error;
      }
    }
  }

  /** The facts are those of the copy that was secured: another one is never taken for it. */
  private async secureAgain(pace: Variation): Promise<void> {
    const { downloadAgain } = step('downloadAgain', 'Download the archive again', pace);
    const copy = await downloadAgain(this.key, this.#facts);
    const { verifyCopy } = step('verifyCopy', 'Read the copy back and compare it', pace);
    const verified = await verifyCopy(this.key, this.#facts, copy);
    const { secureCopy } = step('secureCopy', 'Seal the bag in its place', pace);
    await secureCopy(this.key, this.#facts, verified);
    const { recordRepair } = step('recordRepair', 'Record that the copy is right again', pace);
    await recordRepair(this.key);
  }
}

function copyDamaged(cause: FailureType): Trouble {
  return { reason: 'CopyDamaged', ...(cause !== 'CopyDamaged' && { cause }) };
}
