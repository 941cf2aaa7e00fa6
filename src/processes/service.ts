import { describeExit, spawnChild, type Child, type ChildOptions } from './child';

/** A process that is to run for as long as its supervisor does. */
export interface Service<Running extends Child = Child> {
  readonly name: string;
  /** Services that must run before it is started, and started again. */
  readonly needs?: readonly string[];
  /**
   * Starts it and resolves when it is ready. The supervisor tries again if this throws, unless it throws {@link HopelessStart}.
   * @param signal aborted when the supervisor stops: what is being started may be killed
   */
  start(signal: AbortSignal): Promise<Running>;
}

/** Thrown by `Service.start` if another try cannot help: wrong usage, a wrong configuration. */
export class HopelessStart extends Error {
  override readonly name = 'HopelessStart';
}

export interface ReadyTerms extends ChildOptions {
  /** Milliseconds that it has until it is ready. */
  readonly startLimitMs: number;
  /** Exit codes after which another try cannot help. */
  readonly hopeless?: readonly number[];
}

/** A program that has said that it is ready, in a line of JSON whose `event` is `ready`. */
export interface ReadyChild extends Child {
  /** All that the line said. */
  readonly said: Readonly<Record<string, unknown>>;
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
): Promise<ReadyChild> {
  const { startLimitMs, hopeless = [] } = terms;
  let becomeReady: (said: ReadyChild['said']) => void = () => undefined;
  const ready = new Promise<ReadyChild['said']>((resolve) => (becomeReady = resolve));
  const child = await spawnChild(file, args, {
    ...terms,
    onLine(line, stream) {
      terms.onLine?.(line, stream);
      if (stream === 'stdout' && line.startsWith('{"event":"ready"'))
        becomeReady(JSON.parse(line) as ReadyChild['said']);
    },
  });
  const enough = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
  const kill = (): void => void child.stop(0);
  enough.addEventListener('abort', kill);
  if (enough.aborted) kill();
  const said = await Promise.race([ready, child.exited.then(() => undefined)]);
  enough.removeEventListener('abort', kill);
  if (said !== undefined) return { ...child, said };
  const end = await child.exited;
  const message = `it ${describeExit(end)} before it was ready:\n${child.tail()}`;
  throw end.code !== null && hopeless.includes(end.code) ? new HopelessStart(message) : new Error(message);
}
