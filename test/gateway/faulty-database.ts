import type { Columns, Database } from '../../src/ledger/postgres';

type State = 'well' | 'failing' | 'silent';

/** A database that can fail, or fall silent. */
export interface FaultyDatabase extends Database {
  /** What every statement meets from now on. Those that met silence fail then, as on a connection that breaks at last. */
  become(state: State): void;
  /** The next statement like this one meets silence, and those after it do not. */
  hangNext(statement: RegExp): void;
  /** Whether a statement has met silence. */
  isWaitedFor(): boolean;
}

export function faultyDatabase(database: Database): FaultyDatabase {
  let state: State = 'well';
  let hanging: RegExp | undefined;
  const silenced = new Set<(error: Error) => void>();
  return {
    async query(...statement) {
      if (state === 'failing') throw brokenConnection();
      const isHanging = hanging?.test(statement[0]) === true;
      if (isHanging) hanging = undefined;
      if (isHanging || state === 'silent')
        return await new Promise<Columns[]>((_, reject) => silenced.add(reject));
      return await database.query(...statement);
    },
    exclusively: (work) => database.exclusively(work),
    close: () => database.close(),
    hangNext(statement) {
      hanging = statement;
    },
    isWaitedFor: () => silenced.size > 0,
    become(next) {
      state = next;
      for (const reject of silenced) reject(brokenConnection());
      silenced.clear();
    },
  };
}

/** Drivers quote what they like. */
function brokenConnection(): Error {
  return Object.assign(new Error('MARKER'), { code: 'ECONNREFUSED' });
}
