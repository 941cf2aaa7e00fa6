import { heartbeat, cancellationSignal } from '@temporalio/activity';
import { setTimeout as pause } from 'node:timers/promises';

/** Something that a test opens for activities that wait for it. They do not notice that they are cancelled. */
export class Gate {
  #open: () => void = () => undefined;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));
  #enter: () => void = () => undefined;
  /** Resolves when an activity waits. */
  readonly reached = new Promise<void>((resolve) => (this.#enter = resolve));

  open(): void {
    this.#open();
  }

  /** Called by an activity: resolves with `result` when the gate is open. */
  async pass<Result>(result: Result): Promise<Result> {
    this.#enter();
    const beat = setInterval(() => heartbeat(), 100);
    await this.#opened.finally(() => clearInterval(beat));
    return result;
  }
}

/** A step that lasts until it is cancelled, which heartbeats tell it. */
export async function untilCancelled(): Promise<never> {
  for (;;) {
    heartbeat();
    await pause(50, undefined, { signal: cancellationSignal() }).catch(() => {
      throw cancellationSignal().reason;
    });
  }
}
