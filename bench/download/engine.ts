import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import type { EngineReply, Transfer } from './engine-process';

/** The transfer as a worker does it, in a process of its own that is there before the clock starts. */
export interface Engine {
  /** Claims an archive as far as `secured`. @throws where that fails */
  secure(archiveId: string): Promise<Transfer>;
  stop(): Promise<void>;
}

/**
 * Starts it under the loader of this process, with a PostgreSQL of its own; its store is under `folder`. It ends when this process does.
 * With `--expose-gc` among the options of Node.js, it collects its garbage before each transfer.
 */
export async function startEngine(
  folder: string,
  platformUrl: string,
  nodeOptions: readonly string[] = [],
): Promise<Engine> {
  const home = await temporaryFolder('archivist-bench-');
  const postgres = await startEmbeddedPostgres({ directory: join(home, 'ledger') });
  const child = fork(require.resolve('./engine-process'), [folder, platformUrl, postgres.url], {
    execArgv: [...process.execArgv, ...nodeOptions],
  });
  const ended = once(child, 'exit').then(() => [{ failure: 'The process that downloads has ended.' }]);

  async function reply(): Promise<Exclude<EngineReply, { failure: string }>> {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [EngineReply];
    if ('failure' in message) throw new Error(message.failure);
    return message;
  }

  async function stopPostgres(): Promise<void> {
    await postgres.stop();
    await rm(home, { recursive: true });
  }

  try {
    await reply();
  } catch (error) {
    await stopPostgres();
    throw error;
  }
  return {
    async secure(archiveId) {
      const answer = reply();
      child.send(archiveId);
      const transfer = await answer;
      if ('ready' in transfer) throw new Error('The process that downloads began anew.');
      return transfer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
      await stopPostgres();
    },
  };
}
