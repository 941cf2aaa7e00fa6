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
}

/**
 * How SQLite writes: a log ahead, and into the database every 40 MB. Its default synchronises several files with each change, and
 * starts a fraction of the claims in a second. A power failure may take the last changes, and a kill takes none.
 */
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=normal', 'wal_autocheckpoint=10000'];

/**
 * What is shown of a workflow may be late, what is started may not: a row for the list of workflows changes some forty indexes, and
 * SQLite writes for one at a time. Written one after the other, and so many a second, these rows leave it to the starts of a burst.
 */
const DYNAMIC_CONFIG = {
  'history.visibilityProcessorSchedulerWorkerCount': 1,
  'system.visibilityPersistenceMaxWriteQPS': 50,
} as const;

/** The command line of `temporal server start-dev`. */
export function devServerArguments(settings: DevServerSettings): string[] {
  return [
    ...['server', 'start-dev', '--log-level', 'warn'],
    ...['--ip', settings.ip, '--port', String(settings.port)],
    ...(settings.uiPort === undefined ? ['--headless'] : ['--ui-port', String(settings.uiPort)]),
    ...(settings.dbFilename
      ? [
          ...['--db-filename', settings.dbFilename],
          ...SQLITE_PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
        ]
      : []),
    ...['--namespace', settings.namespace],
    ...Object.entries(settings.searchAttributes).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${TYPES[type]}`,
    ]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${value}`,
    ]),
  ];
}
