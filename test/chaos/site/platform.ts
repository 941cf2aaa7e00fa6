import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { freePort } from '../../../src/processes/free-port';
import { SimulatorClient } from '../../../src/simulator';
import { startArchivist, type Installation } from './archivist';
import type { Closing } from './closing';
import { Service } from './service';

/** The platform: a simulator that is never killed, since its journal is the truth. */
export interface Platform {
  readonly port: number;
  readonly url: string;
  readonly apiKey: string;
  readonly simulator: SimulatorClient;
}

export const TENANT = 'acme';

const START_MS = 20_000;

export async function startPlatform(installation: Installation, closing: Closing): Promise<Platform> {
  const port = await freePort('127.0.0.1');
  const apiKey = randomBytes(16).toString('hex');
  const settings = ['--port', String(port), '--api-key', apiKey, '--tenant', TENANT];
  const service = new Service('platform', () =>
    startArchivist(installation, 'platform', 'simulator', ...settings, '--expire-after', '20 days'),
  );
  const url = `http://127.0.0.1:${port}`;
  const simulator = new SimulatorClient(url);
  await service.start();
  closing.add(() => service.stop('SIGTERM'));
  await answering('the simulator', () => simulator.ready());
  return { port, url, apiKey, simulator };
}

/** Has the platform deliver its notifications to a gateway, as soon as that is ready. */
export async function subscribe({ url, apiKey }: Platform, gateway: string, secret: string): Promise<void> {
  await answering('the gateway', async () => {
    const { statusCode, body } = await request(`${gateway}/readyz`);
    await body.dump();
    if (statusCode !== 200) throw new Error(`The gateway is not ready (${statusCode}).`);
  });
  const { statusCode } = await request(`${url}/api/v2/communication/subscriptions/subscriptions/webhook`, {
    method: 'POST',
    headers: { 'api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      topic: 'communication.archives.archive.available',
      url: `${gateway}/callbacks/flexperto/${secret}`,
    }),
  });
  if (statusCode !== 201) throw new Error(`The simulator refused the subscription (${statusCode}).`);
}

async function answering(who: string, ask: () => Promise<void>): Promise<void> {
  const limit = Date.now() + START_MS;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > limit) throw new Error(`${who} does not answer`, { cause: error });
      await pause(50);
    }
  }
}
