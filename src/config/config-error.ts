/** Thrown when the configuration cannot be used. Each problem names the key, what was wrong and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    readonly source: string,
    readonly problems: readonly string[],
  ) {
    super(
      [`The configuration ${source} cannot be used:`, ...problems.map((problem) => `  - ${problem}`)].join(
        '\n',
      ),
    );
  }
}
