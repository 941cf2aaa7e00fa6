import { parseDocument } from 'yaml';
import { ConfigError } from './config-error';

/**
 * Reads YAML. Neither errors nor warnings quote it: any line may hold a secret.
 * @throws {@link ConfigError} that names the lines
 */
export function parseYaml(text: string, path: string): unknown {
  // The default level prints keys that are no text (`{{ … }}` of a template that was not filled) on standard error.
  const document = parseDocument(text, { uniqueKeys: true, logLevel: 'error' });
  // A warning tells of a tag that is not known: its value would be taken as if the tag were not there.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const problems = faults.map(
      ({ code, linePos }) => `line ${linePos?.[0].line ?? 1}: not valid YAML (${code})`,
    );
    throw new ConfigError(path, problems);
  }
  try {
    return document.toJS() ?? {};
  } catch {
    throw new ConfigError(path, [
      'an alias (`*name`) has no anchor (`&name`) before it; quote a value that begins with `*`',
    ]);
  }
}
