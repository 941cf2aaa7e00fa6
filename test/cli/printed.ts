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
    const argv = ['node', 'archivist', ...args];
    await createProgram(argv).parseAsync(argv);
    return { stdout, stderr };
  } catch (error) {
    return { stdout, stderr, failure: { error } };
  } finally {
    output.mockRestore();
    errors.mockRestore();
    process.env = before;
  }
}
