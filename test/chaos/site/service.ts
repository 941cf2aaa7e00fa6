import { setTimeout as pause } from 'node:timers/promises';

/** A process that runs. */
export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** The last lines that it said, where they are kept. */
  tail?(): string;
}

/** How long it takes until a process that ended by itself is started again. */
const RESTART_MS = 500;

/** A process, and its supervisor: however it ends, it is started again, until it is stopped. */
export class Service {
  readonly #launch: () => Promise<RunningProcess>;
  #wanted = false;
  #downMs: number | undefined;
  #running: RunningProcess | undefined;
  #supervision: Promise<void> | undefined;
  #kills = 0;
  #stalls = 0;
  readonly #lastWords: string[] = [];

  /** @param launch starts it; where that fails, it is tried again */
  constructor(
    readonly name: string,
    launch: () => Promise<RunningProcess>,
  ) {
    this.#launch = launch;
  }

  /** Of the process that runs, if one does. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** How often it was killed. */
  get kills(): number {
    return this.#kills;
  }

  /** How often it was stopped for a while. */
  get stalls(): number {
    return this.#stalls;
  }

  /** What it said whenever it ended by itself, or did not start. */
  get lastWords(): readonly string[] {
    return this.#lastWords;
  }

  /** Starts it, and resolves when it runs. @throws where it does not start */
  async start(): Promise<void> {
    this.#wanted = true;
    const first = await this.#launch();
    this.#supervision = this.#supervise(first);
  }

  /** Kills it with SIGKILL as soon as it runs, and keeps it down for a while. Resolves when it is dead. */
  async kill(downMs: number): Promise<void> {
    for (;;) {
      const victim = await this.#whenRunning();
      if (victim === undefined) return;
      this.#downMs = downMs;
      // Whoever else wants to kill it waits for the next one.
      this.#running = undefined;
      const isKilled = send('SIGKILL', victim);
      if (isKilled) this.#kills += 1;
      await victim.exited;
      if (isKilled) return;
    }
  }

  /** Stops it with SIGSTOP as soon as it runs, and lets it go on after a while, if it was not killed meanwhile. */
  async stall(forMs: number): Promise<void> {
    const victim = await this.#whenRunning();
    if (victim === undefined || !send('SIGSTOP', victim)) return;
    this.#stalls += 1;
    const hasEnded = await Promise.race([victim.exited.then(() => true), pause(forMs, false)]);
    if (!hasEnded) send('SIGCONT', victim);
  }

  /** Ends it for good, with SIGKILL where the signal does not end it in time. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL', graceMs = 30_000): Promise<void> {
    this.#wanted = false;
    const victim = this.#running;
    if (victim !== undefined) {
      send(signal, victim);
      const killing = setTimeout(() => send('SIGKILL', victim), graceMs);
      await victim.exited;
      clearTimeout(killing);
    }
    await this.#supervision;
  }

  async #supervise(first: RunningProcess): Promise<void> {
    await this.#untilItEnds(first);
    while (this.#isWanted()) {
      const next = await this.#launch().catch((error: unknown) => String(error));
      if (typeof next === 'string') {
        await this.#afterAnEnd(next);
        continue;
      }
      if (!this.#isWanted()) send('SIGKILL', next);
      await this.#untilItEnds(next);
    }
  }

  async #untilItEnds(running: RunningProcess): Promise<void> {
    this.#running = running;
    await running.exited;
    this.#running = undefined;
    const downMs = this.#downMs;
    this.#downMs = undefined;
    if (downMs === undefined) await this.#afterAnEnd(running.tail?.() ?? '');
    else await pause(downMs);
  }

  async #afterAnEnd(lastWords: string): Promise<void> {
    if (!this.#isWanted()) return;
    const lines = lastWords.trim().split('\n');
    this.#lastWords.push(lines.find((line) => /error|archivist:/i.test(line)) ?? lines.at(-1) ?? '');
    await pause(RESTART_MS);
  }

  /** It changes while others are waited for. */
  #isWanted(): boolean {
    return this.#wanted;
  }

  async #whenRunning(): Promise<RunningProcess | undefined> {
    while (this.#isWanted() && this.#running === undefined) await pause(20);
    return this.#running;
  }
}

/** @returns false where the process has ended before */
function send(signal: NodeJS.Signals, { pid }: RunningProcess): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
