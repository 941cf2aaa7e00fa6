import type { Columns, Database } from '../../src/ledger/database';

type State = 'well' | 'failing' | 'silent';

/** A database that can fail, or fall silent. */
export interface FaultyDatabase extends Database {
  /** What every statement meets from now on. Those that met silence fail then, as on a connection that breaks at last. */
  become(state: State): void;
  /** Whether a statement has met silence. */
  isWaitedFor(): boolean;
}

export function faultyDatabase(database: Database): FaultyDatabase {
  let state: State = 'well';
  const silenced = new Set<(error: Error) => void>();
  return {
    async query(text, parameters) {
      if (state === 'failing') throw brokenConnection();
      if (state === 'silent') return await new Promise<Columns[]>((_, reject) => silenced.add(reject));
      return await database.query(text, parameters);
    },
    transaction: (work) => database.transaction(work),
    exclusively: (work) => database.exclusively(work),
    close: () => database.close(),
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
