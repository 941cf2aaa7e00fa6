import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { spawnChild } from '../../src/processes/child';
import { freePort } from '../../src/processes/free-port';
import { writeNginxConfiguration } from './nginx-configuration';
import { findProgram } from './programs';

/**
 * What serves the files. curl takes 2 GiB from nginx's `sendfile` to nowhere in 0.6 s and from Node.js in 0.9 s, and Node.js takes
 * more of the processors from those who download: nginx serves where it is installed.
 */
export const SERVER_KINDS = ['nginx', 'node'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

export interface Server {
  readonly url: string;
  readonly kind: ServerKind;
  stop(): Promise<void>;
}

/** Serves a folder's files over loopback, from a process of its own, with length, strong ETag and ranges. */
export async function startServer(folder: string, wanted?: ServerKind): Promise<Server> {
  const port = await freePort('127.0.0.1');
  const nginx = wanted === 'node' ? undefined : await findProgram('nginx');
  if (wanted === 'nginx' && nginx === undefined) throw new Error('nginx is not installed.');
  const child =
    nginx === undefined
      ? await spawnChild(process.execPath, nodeArguments(folder, port), { env: process.env })
      : await spawnChild(nginx, ['-e', 'stderr', '-c', await writeNginxConfiguration(folder, port)], {
          env: process.env,
        });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(url, child.tail);
  return { url, kind: nginx === undefined ? 'node' : 'nginx', stop: () => child.stop(5_000) };
}

function nodeArguments(folder: string, port: number): readonly string[] {
  return [...process.execArgv, require.resolve('./node-server'), folder, String(port)];
}

async function untilAnswering(url: string, said: () => string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      const { body } = await request(url);
      await body.dump();
      return;
    } catch {
      if (tries === 100) throw new Error(`The server does not answer. It said: ${said()}`);
      await pause(50);
    }
  }
}
