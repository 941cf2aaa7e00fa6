import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

const START_MS = 60_000;
const CALL_MS = 5_000;
const PAUSE_MS = 50;

export interface Serving {
  readonly address: string;
  readonly namespace: string;
  readonly searchAttributes: readonly string[];
}

/**
 * Resolves when the server answers for the namespace and knows its search attributes. It registers these after it
 * has begun to serve: a workflow that starts in between would be refused.
 *
 * @throws the last reason why not, after a minute or when `signal` is aborted.
 */
export async function untilServing(what: Serving, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_MS;
  // A gRPC channel that is refused once waits a second; so it is opened only when something listens.
  await repeat(() => knock(what.address), deadline, signal);
  const connection = Connection.lazy({ address: what.address });
  try {
    await repeat(() => check(connection, what), deadline, signal);
  } finally {
    await connection.close();
  }
}

async function repeat(attempt: () => Promise<void>, deadline: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (signal.aborted || Date.now() > deadline) throw error;
      await pause(PAUSE_MS);
    }
  }
}

async function knock(address: string): Promise<void> {
  const at = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

async function check(connection: Connection, { namespace, searchAttributes }: Serving): Promise<void> {
  const { customAttributes } = await connection.withDeadline(Date.now() + CALL_MS, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  const missing = searchAttributes.filter((name) => !(name in customAttributes));
  if (missing.length > 0) throw new Error(`Not yet registered: ${missing.join(', ')}.`);
}
