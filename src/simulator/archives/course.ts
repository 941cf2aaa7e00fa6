import { setTimeout as pause } from 'node:timers/promises';
import { availabilityOf } from '../../domain/statuses';
import type { StatusCause } from '../journal/entries';

/** A status and how long it lasts, if another follows. */
export interface Step {
  readonly status: string;
  readonly forMs: number;
  readonly cause: StatusCause;
  /** What a `FAILED` archive says. */
  readonly error?: string | undefined;
}

/** What a course acts on. */
export interface Traveller {
  /** Resolves once the archive's file exists: its checksum is known. */
  readonly fileReady: Promise<unknown>;
  readonly hasFile: () => boolean;
  readonly enter: (step: Step) => void;
}

/**
 * Leads one archive through statuses. One course is followed at a time: a new one ends the one before. A status that
 * has a file is not entered before the file exists.
 */
export class Course {
  readonly #traveller: Traveller;
  #current = new AbortController();

  constructor(traveller: Traveller) {
    this.#traveller = traveller;
  }

  /** Leads through the steps, of which the last stays. Resolves when the first is entered, or never will be. */
  follow(steps: readonly Step[]): Promise<void> {
    this.stop();
    this.#current = new AbortController();
    const { signal } = this.#current;
    return new Promise((entered) => {
      this.#lead(steps, signal, entered)
        .catch(() => undefined)
        .finally(entered);
    });
  }

  stop(): void {
    this.#current.abort();
  }

  async #lead(steps: readonly Step[], signal: AbortSignal, entered: () => void): Promise<void> {
    for (const [index, step] of steps.entries()) {
      if (hasFile(step.status) && !this.#traveller.hasFile()) await this.#traveller.fileReady;
      if (signal.aborted) return;
      this.#traveller.enter(step);
      entered();
      const isLast = index === steps.length - 1;
      if (!isLast && step.forMs > 0) await pause(step.forMs, undefined, { signal, ref: false });
    }
  }
}

/** Whether an archive of this status has, or had, a finished file, and so a checksum. */
export function hasFile(status: string): boolean {
  switch (availabilityOf(status)) {
    case 'available':
    case 'abandoned':
    case 'expired':
      return true;
    case 'inProgress':
    case 'failed':
      return false;
  }
}
