export type SearchAttributeType = keyof typeof TYPES;

/** How `--search-attribute` spells the types. */
const TYPES = { KEYWORD: 'Keyword', DATETIME: 'Datetime' } as const;

export interface DevServerSettings {
  readonly ip: string;
  readonly port: number;
  /** Without one, it runs without a UI. */
  readonly uiPort: number | undefined;
  readonly dbFilename?: string;
  readonly namespace: string;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * A log that is written ahead costs a fraction of SQLite's default, which synchronises several files with each change: four times the
 * starts a second. As with PGlite, a power failure may take the last changes, and nothing else may.
 */
const WRITE_AHEAD = ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'];

/** The command line of `temporal server start-dev`. */
export function devServerArguments(settings: DevServerSettings): string[] {
  return [
    ...['server', 'start-dev', '--log-level', 'warn'],
    ...['--ip', settings.ip, '--port', String(settings.port)],
    ...(settings.uiPort === undefined ? ['--headless'] : ['--ui-port', String(settings.uiPort)]),
    ...(settings.dbFilename ? ['--db-filename', settings.dbFilename, ...WRITE_AHEAD] : []),
    ...['--namespace', settings.namespace],
    ...Object.entries(settings.searchAttributes).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${TYPES[type]}`,
    ]),
    ...Object.entries(settings.dynamicConfig ?? {}).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${JSON.stringify(value)}`,
    ]),
  ];
}
