import { createProgram } from '../../src/cli/program';

/** Runs a command in this process. @returns what it printed @throws what would end it with another exit code than 0 */
export async function printed(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  const lines: string[] = [];
  const output = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const errors = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    const argv = ['node', 'archivist', ...args];
    await createProgram(argv).parseAsync(argv);
    return lines.join('');
  } finally {
    output.mockRestore();
    errors.mockRestore();
    process.env = before;
  }
}
