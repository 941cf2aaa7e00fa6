import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { errorCode } from '../domain/error-code';
import { ConfigError } from './config-error';
import { describeProblems } from './describe-problems';
import { parseYaml } from './parse-yaml';
import { configSchema } from './schema';
import type { Source } from './source';

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
  const parsed = configSchema({ folder: dirname(path), env }).safeParse(written);
  if (parsed.success) return parsed.data;
  throw new ConfigError(path, describeProblems(parsed.error, written));
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
