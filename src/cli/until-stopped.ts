/** Resolves when the process is told to stop: by Ctrl-C, or by SIGTERM. A second Ctrl-C ends it at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
