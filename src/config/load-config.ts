import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from './config-error';
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
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      path,
      document.errors.map(({ code, linePos }) => `line ${linePos?.[0].line ?? 1}: not valid YAML (${code})`),
    );
  }
  const parsed = configSchema({ folder: dirname(path), env }).safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  throw new ConfigError(path, parsed.error.issues.flatMap(describe));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const remedy =
      'expected a file; name it with --config FILE or ARCHIVIST_CONFIG, or put archivist.yaml here';
    throw new ConfigError(path, [`it cannot be read (${code}); ${remedy}`]);
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  const key = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (name) =>
        `\`${[key, name].filter(Boolean).join('.')}\`: there is no such key; remove it or correct its spelling`,
    );
  }
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return [`\`${key}\`: ${missing ? `is missing; expected ${issue.expected}` : issue.message}`];
}
