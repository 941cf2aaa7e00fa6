import { heartbeat } from '@temporalio/activity';
import type { TransferProgress } from '../domain/claim';

/** Milliseconds between two progress reports, and before the first one: a shorter step reports nothing. */
const REPORT_MS = 1_000;
/** Milliseconds between two heartbeats that report nothing, and before the first one: a short step costs Temporal no request. */
const SIGN_OF_LIFE_MS = 4_000;

/** Sends heartbeats while `work` lasts, so that Temporal notices within seconds if the worker was killed. */
export async function whileAlive<Result>(work: () => Promise<Result>): Promise<Result> {
  return await during(work(), SIGN_OF_LIFE_MS, () => heartbeat());
}

async function during<Result>(work: Promise<Result>, everyMs: number, beat: () => void): Promise<Result> {
  const clock = setInterval(beat, everyMs);
  try {
    return await work;
  } finally {
    clearInterval(clock);
  }
}

/**
 * Counts bytes and reports them as heartbeats. It reports when bytes flow, not by a clock: a stalled transfer sends
 * no heartbeat, and Temporal retries it on another worker. Only `during` reports by the clock, for steps that move no bytes.
 */
export class TransferReport {
  /** Bytes that earlier attempts downloaded. */
  alreadyThere = 0;
  readonly #begun = Date.now();
  #reported = this.#begun;
  #bytes = 0;

  /** @param totalBytes the total length, once it is known */
  constructor(public totalBytes?: number | undefined) {}

  /** Bytes of this attempt. */
  get bytes(): number {
    return this.#bytes;
  }

  add(count: number): void {
    this.#bytes += count;
    if (Date.now() - this.#reported >= REPORT_MS) this.#report();
  }

  async during<Result>(step: Promise<Result>): Promise<Result> {
    return await during(step, REPORT_MS, () => this.#report());
  }

  #report(): void {
    this.#reported = Date.now();
    // A speed that was measured over less than a second means nothing.
    const seconds = Math.max((this.#reported - this.#begun) / 1000, 1);
    const { totalBytes } = this;
    const progress: TransferProgress = {
      bytes: this.alreadyThere + this.#bytes,
      ...(totalBytes !== undefined && { totalBytes }),
      bytesPerSecond: Math.round(this.#bytes / seconds),
    };
    heartbeat(progress);
  }
}
