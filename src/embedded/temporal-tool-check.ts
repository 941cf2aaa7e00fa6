import { runProgram } from '../processes/run-program';
import type { Tool } from './temporal-tools';

/** Runs the program once. Says why it cannot be used, as the end of a sentence, or nothing where it can. */
export async function whyUnusable(
  tool: Tool,
  file: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const end = await runProgram(file, tool.check.arguments, { env, timeoutMs: 15_000 });
  if (!end.ran) return end.why;
  return tool.check.answer.test(end.output) ? undefined : `is not ${tool.name}`;
}
