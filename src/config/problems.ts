import type { z } from 'zod';

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

/** What people call the types that zod names. */
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

/** One line a problem: the key, what was wrong, what would be right. Values are not quoted, since any may be a secret. */
export function describeProblems({ issues }: z.ZodError): string[] {
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
