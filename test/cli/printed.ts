import { createProgram } from '../../src/cli/main';

/** Runs a command in this process. @returns what it printed @throws what would end it with another exit code than 0 */
export async function printed(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const { stdout, failure } = await run(args, environment);
  if (failure) throw failure.error;
  return stdout;
}

/** What a command printed, and what it failed with. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly failure?: { readonly error: unknown };
}

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Outcome> {
  const { failures, ...printedBy } = await runAll([args], environment);
  const [failure] = failures;
  return { ...printedBy, ...(failure && { failure }) };
}

/** Runs commands at once. @returns what they printed together, and the failure of each that failed */
export async function runAll(commands: readonly (readonly string[])[], environment: NodeJS.ProcessEnv) {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  let [stdout, stderr] = ['', ''];
  const output = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const errors = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    const failures = await Promise.all(
      commands.map(async (args) => {
        const argv = ['node', 'archivist', ...args];
        try {
          await createProgram(argv).parseAsync(argv);
          return undefined;
        } catch (error) {
          return { error };
        }
      }),
    );
    return { stdout, stderr, failures };
  } finally {
    output.mockRestore();
    errors.mockRestore();
    process.env = before;
  }
}
