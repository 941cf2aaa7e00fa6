import { describeExit, spawnChild, type Child, type ChildOptions } from './child';
import { HopelessStart, type RunningService } from './service';

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
  let sayReady: (() => void) | undefined;
  const ready = new Promise<'ready'>((resolve) => (sayReady = () => resolve('ready')));
  const child = await spawnChild(file, args, {
    ...terms,
    onLine(line, stream) {
      onLine?.(line, stream);
      if (stream === 'stdout' && isReady(line)) sayReady?.();
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
  ready: Promise<'ready'>,
  { startLimitMs, hopeless = [] }: ReadyTerms,
  signal: AbortSignal,
): Promise<void> {
  const kill = (): void => void child.stop(0);
  const limit = setTimeout(kill, startLimitMs);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const end = await Promise.race([ready, child.exited]);
  clearTimeout(limit);
  signal.removeEventListener('abort', kill);
  if (end === 'ready') return;
  const message = `it ${describeExit(end)} before it was ready:\n${child.tail()}`;
  throw end.code !== null && hopeless.includes(end.code) ? new HopelessStart(message) : new Error(message);
}
