import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../../src/processes/free-port';
import { startDevServer } from '../../../src/embedded/temporal-dev-server';
import { findTool } from '../../../src/embedded/temporal-tool-finder';
import { TEMPORAL_CLI } from '../../../src/embedded/temporal-tools';
import type { Closing } from './closing';
import { Service } from './service';

/** A Temporal server that can be killed and started again on the same file and port. */
export interface Temporal {
  readonly service: Service;
  readonly port: number;
  /** Asks it directly. */
  readonly client: Client;
}

export async function startTemporal(
  folder: string,
  closing: Closing,
  report: (line: string) => void,
): Promise<Temporal> {
  const cliPath = await findTool(TEMPORAL_CLI, { report });
  const port = await freePort('127.0.0.1');
  const service = new Service('temporal', () =>
    startDevServer({
      cliPath,
      port,
      ui: false,
      dbFilename: path.join(folder, 'temporal.db'),
      logFile: path.join(folder, 'logs', 'temporal.log'),
    }),
  );
  await service.start();
  closing.add(() => service.stop('SIGTERM'));
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  closing.add(() => connection.close());
  return { service, port, client: new Client({ connection }) };
}
