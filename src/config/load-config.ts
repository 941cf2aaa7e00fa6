import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { errorCode } from '../domain/error-code';
import { configSchema } from './schema';
import type { Source } from './secret';

export type Config = z.output<ReturnType<typeof configSchema>>;
export type TenantConfig = Config['tenants'] extends Map<unknown, infer Tenant> ? Tenant : never;

/** Thrown when the configuration cannot be used. Each problem names the key, what was wrong and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    readonly source: string,
    readonly problems: readonly string[],
  ) {
    const lines = problems.map((problem) => `  - ${problem}`);
    super([`The configuration ${source} cannot be used:`, ...lines].join('\n'));
  }
}

/**
 * Reads the configuration: `file` if given, else `ARCHIVIST_CONFIG`, else `./archivist.yaml`. Relative paths in it
 * start at its folder.
 * @throws {@link ConfigError} that names every problem at once
 */
export function loadConfig(file?: string, env: Source['env'] = process.env): Config {
  const path = resolve(file ?? env['ARCHIVIST_CONFIG'] ?? 'archivist.yaml');
  return parseConfig(read(path), path, env);
}

/** Parses a configuration. `path` names it in errors; relative paths start at its folder. */
export function parseConfig(text: string, path: string, env: Source['env']): Config {
  const written = parseYaml(text, path);
  const parsed = configSchema({ folder: dirname(path), env }).safeParse(written, {
    reportInput: true,
  });
  if (parsed.success) return parsed.data;
  throw new ConfigError(path, describeProblems(parsed.error));
}

/**
 * Parses YAML. Neither errors nor warnings quote it: any line may hold a secret.
 * @throws {@link ConfigError} that names the lines
 */
export function parseYaml(text: string, path: string): unknown {
  // The default level prints non-text keys (`{{ … }}` of a template that was not filled) on standard error.
  const document = parseDocument(text, {
    uniqueKeys: true,
    // A tenant may be called `0123` or `1e3`, which would be read as numbers.
    stringKeys: true,
    merge: true,
    logLevel: 'error',
  });
  // A warning reports an unknown tag: the parser would use the value as if the tag were not there.
  const problems = [...document.errors, ...document.warnings].map(
    ({ code, linePos }) => `line ${linePos?.[0].line ?? 1}: not valid YAML (${code})`,
  );
  if (problems.length > 0) throw new ConfigError(path, problems);
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw new ConfigError(path, [
      error instanceof ReferenceError
        ? 'an alias (`*name`) has no anchor (`&name`) before it; quote a value that begins with `*`'
        : 'a merge key (`<<`) has something else than keys with values; expected an alias of some, `<<: *name`',
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

/** The types of zod in plain words. */
const TYPES: Readonly<Record<string, string>> = {
  object: 'keys with values',
  record: 'keys with values',
  array: 'a list',
  boolean: '`true` or `false`',
  string: 'text',
};

/** Keys that there were once, and why they went. */
const REMOVED: Readonly<Record<string, string>> = {
  'claim.connections':
    'parallel connections were removed; one sequential stream is as fast, and a partial copy is then simply the beginning of the file; remove the key',
};

/** One line per problem: the key, what is wrong, what would be right. It quotes no values, because any may be a secret. */
function describeProblems({ issues }: z.ZodError): string[] {
  return issues.flatMap((issue) => {
    const key = issue.path.map(String).join('.');
    if (issue.code !== 'unrecognized_keys')
      return `${key === '' ? 'the whole' : `\`${key}\``}: ${problemOf(issue)}`;
    return issue.keys.map((name) => {
      const unknown = [...issue.path.map(String), name].join('.');
      return `\`${unknown}\`: ${REMOVED[unknown] ?? 'there is no such key; remove it or correct its spelling'}`;
    });
  });
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  const expected = issue.message.startsWith('expected')
    ? issue.message
    : `expected ${TYPES[issue.expected] ?? issue.expected}`;
  return `is ${kindOf(issue.input)}; ${expected}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : '`true` or `false`';
}
