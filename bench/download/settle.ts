import { once } from 'node:events';
import { spawn } from 'node:child_process';

/** Has the system write what it still holds back, so that nobody pays for what another left. */
export async function settle(): Promise<void> {
  await once(spawn('sync', { stdio: 'ignore' }), 'close');
}
