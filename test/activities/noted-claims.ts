import type { Claims } from '../../src/activities/claims';
import type { ArchiveKey } from '../../src/domain/ids';
import type { StartOutcome } from '../../src/domain/start-outcome';

/** Claims that are never carried out: what was asked for is noted, in order, and answered as Temporal would. */
export class NotedClaims implements Claims {
  /** Archives whose claims were started, with what was started anew. */
  readonly started: string[] = [];
  readonly woken: string[] = [];
  readonly delays: number[] = [];
  readonly #running = new Set<string>();
  readonly #succeeded = new Set<string>();
  /** After so many starts Temporal is silent. */
  silentAfter = Infinity;

  /** That the claim of an archive is under way, or has succeeded. */
  set(archiveId: string, state: 'running' | 'succeeded'): void {
    (state === 'running' ? this.#running : this.#succeeded).add(archiveId);
  }

  start({ archiveId }: ArchiveKey, startDelay: number): Promise<StartOutcome> {
    return Promise.resolve(this.#succeeded.has(archiveId) ? 'duplicate' : this.#start(archiveId, startDelay));
  }

  startAnew({ archiveId }: ArchiveKey, startDelay: number): Promise<StartOutcome> {
    return Promise.resolve(this.#start(archiveId, startDelay));
  }

  wake({ archiveId }: ArchiveKey): Promise<void> {
    this.woken.push(archiveId);
    return Promise.resolve();
  }

  #start(archiveId: string, startDelay: number): StartOutcome {
    if (this.started.length >= this.silentAfter) return 'silent';
    if (this.#running.has(archiveId)) return 'duplicate';
    this.#running.add(archiveId);
    this.started.push(archiveId);
    this.delays.push(startDelay);
    return 'started';
  }
}
