/** Runs a bench: whatever fails it is told, and makes its exit code 1. */
export function runProgram(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    tell(error instanceof Error ? (error.stack ?? error.message) : 'failed');
    process.exitCode = 1;
  });
}

/** For people; what programs read goes to the standard output. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
