import { EventEmitter, once } from 'node:events';
import { describeExit, spawnChild, type Child, type ChildOptions } from './child';

/** A process that is to run for as long as its supervisor does. */
export interface Service {
  readonly name: string;
  /** Services that must run before it is started, and started again. */
  readonly needs?: readonly string[];
  /**
   * Starts it and resolves when it is ready. The supervisor tries again if this throws, unless it throws {@link HopelessStart}.
   * @param signal aborted when the supervisor stops: what is being started may be killed
   */
  start(signal: AbortSignal): Promise<RunningService>;
}

export interface RunningService {
  readonly pid: number;
  /** Resolves when it has ended: how, as the end of a sentence. */
  readonly exited: Promise<string>;
  /** Its last lines of output. */
  tail(): string;
  /** Ends it in good order, or kills it after its grace. Also called after it has ended by itself. */
  stop(): Promise<void>;
}

/** Thrown by `Service.start` if another try cannot help: wrong usage, a wrong configuration. */
export class HopelessStart extends Error {
  override readonly name = 'HopelessStart';
}

export interface ReadyTerms extends ChildOptions {
  /** Whether a line of its standard output says that it is ready. */
  readonly isReady: (line: string) => boolean;
  /** Milliseconds that it has until then. */
  readonly startLimitMs: number;
  /** Milliseconds that it has to end after it was asked to. */
  readonly graceMs: number;
  /** Exit codes after which another try cannot help. */
  readonly hopeless?: readonly number[];
}

/**
 * Starts a program and waits until it says that it is ready.
 * @param signal when it is aborted before that, the program is killed
 * @throws Error with the last that it said; {@link HopelessStart} for some exit codes
 */
export async function startUntilReady(
  file: string,
  args: readonly string[],
  terms: ReadyTerms,
  signal: AbortSignal,
): Promise<RunningService> {
  const { onLine, isReady, graceMs } = terms;
  const said = new EventEmitter();
  const ready = once(said, 'ready').then(() => undefined);
  const child = await spawnChild(file, args, {
    ...terms,
    onLine(line, stream) {
      onLine?.(line, stream);
      if (stream === 'stdout' && isReady(line)) said.emit('ready');
    },
  });
  await untilReady(child, ready, terms, signal);
  return {
    pid: child.pid,
    exited: child.exited.then(describeExit),
    tail: () => child.tail(),
    stop: () => child.stop(graceMs),
  };
}

async function untilReady(
  child: Child,
  ready: Promise<undefined>,
  { startLimitMs, hopeless = [] }: ReadyTerms,
  signal: AbortSignal,
): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
  const kill = (): void => void child.stop(0);
  enough.addEventListener('abort', kill);
  if (enough.aborted) kill();
  const end = await Promise.race([ready, child.exited]);
  enough.removeEventListener('abort', kill);
  if (end === undefined) return;
  const message = `it ${describeExit(end)} before it was ready:\n${child.tail()}`;
  throw end.code !== null && hopeless.includes(end.code) ? new HopelessStart(message) : new Error(message);
}
