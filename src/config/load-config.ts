import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { errorCode } from '../domain/error-code';
import { ConfigError, describeProblems } from './problems';
import { configSchema } from './schema';
import type { Source } from './secret';

export type Config = z.output<ReturnType<typeof configSchema>>;
export type TenantConfig = Config['tenants'] extends Map<unknown, infer Tenant> ? Tenant : never;

/**
 * Reads the configuration: `file` where given, else `ARCHIVIST_CONFIG`, else `./archivist.yaml`. Relative paths in it
 * start at its folder.
 * @throws {@link ConfigError} that names every problem at once
 */
export function loadConfig(file?: string, env: Source['env'] = process.env): Config {
  const path = resolve(file ?? env['ARCHIVIST_CONFIG'] ?? 'archivist.yaml');
  return parseConfig(read(path), path, env);
}

/** Reads a configuration from its text. `path` names it in errors, and its folder is where relative paths start. */
export function parseConfig(text: string, path: string, env: Source['env']): Config {
  const written = parseYaml(text, path);
  const parsed = configSchema({ folder: dirname(path), env }).safeParse(written, {
    reportInput: true,
  });
  if (parsed.success) return parsed.data;
  throw new ConfigError(path, describeProblems(parsed.error));
}

/**
 * Reads YAML. Neither errors nor warnings quote it: any line may hold a secret.
 * @throws {@link ConfigError} that names the lines
 */
export function parseYaml(text: string, path: string): unknown {
  // The default level prints keys that are no text (`{{ … }}` of a template that was not filled) on standard error.
  const document = parseDocument(text, { uniqueKeys: true, logLevel: 'error' });
  // A warning tells of a tag that is not known: its value would be taken as if the tag were not there.
  const problems = [...document.errors, ...document.warnings].map(
    ({ code, linePos }) => `line ${linePos?.[0].line ?? 1}: not valid YAML (${code})`,
  );
  if (problems.length > 0) throw new ConfigError(path, problems);
  try {
    return document.toJS() ?? {};
  } catch {
    throw new ConfigError(path, [
      'an alias (`*name`) has no anchor (`&name`) before it; quote a value that begins with `*`',
    ]);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const remedy =
      'expected a file; name it with --config FILE or ARCHIVIST_CONFIG, or put archivist.yaml here';
    throw new ConfigError(path, [`it cannot be read (${errorCode(error)}); ${remedy}`]);
  }
}
