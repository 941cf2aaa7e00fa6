import { CommanderError } from 'commander';
import { ConfigError } from '../config/config-error';
import { createProgram } from './program';
import { UsageError } from './usage-error';

/** Done, failed, and wrong usage or configuration. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Runs one command and ends the process with its exit code. */
export function main(argv: readonly string[]): void {
  run(argv).then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(`archivist: ${messageOf(error)}\n`);
      process.exitCode =
        error instanceof ConfigError || error instanceof UsageError ? EXIT.usage : EXIT.failed;
    },
  );
}

async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram(argv).parseAsync([...argv]);
    return EXIT.done;
  } catch (error) {
    // Commander has said what was wrong, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'failed';
}
