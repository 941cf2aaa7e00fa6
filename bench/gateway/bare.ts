import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { freePort } from '../../src/processes/free-port';
import { spawnChild } from '../../src/processes/child';
import { median } from '../rounds';
import { notificationOf } from './deliver';
import { install } from './installation';

const HOST = '127.0.0.1';
const CONNECTIONS = 64;

/**
 * Notifications answered a second over 64 connections, by the gateway and by a bare Fastify route, in turns.
 * @returns the median of the gateway's rate over the route's
 */
export async function bareRatio(
  rounds: number,
  seconds: number,
  tell: (line: string) => void,
): Promise<number> {
  const installation = await install({ worker: true });
  const port = await freePort(HOST);
  const route = [join(__dirname, 'bare-route.ts'), String(port)];
  const bare = await spawnChild(process.execPath, ['--import', 'tsx', ...route], { env: process.env });
  const bareCallback = `http://${HOST}:${port}/callbacks/flexperto/secret`;
  try {
    await listening(bareCallback);
    const ratios: number[] = [];
    // One round to warm up, not counted.
    for (let round = 0; round <= rounds; round += 1) {
      const gateway = await rateOf(installation.callback, `r${round}`, seconds);
      const yardstick = await rateOf(bareCallback, `r${round}`, seconds);
      if (round === 0) continue;
      ratios.push(gateway / yardstick);
      tell(`round ${round}: gateway ${gateway.toFixed(0)}/s, bare route ${yardstick.toFixed(0)}/s`);
    }
    return median(ratios);
  } finally {
    await bare.stop(1_000);
    await installation.close();
  }
}

async function rateOf(callback: string, prefix: string, seconds: number): Promise<number> {
  const { origin, pathname } = new URL(callback);
  const pool = new Pool(origin, { connections: CONNECTIONS });
  const end = performance.now() + seconds * 1_000;
  let answered = 0;
  const lane = async (_: unknown, number: number): Promise<void> => {
    for (let index = 0; performance.now() < end; index += 1) {
      const { statusCode, body } = await pool.request({
        path: pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(notificationOf(`${prefix}-${number}-${index}`)),
      });
      await body.dump();
      if (statusCode !== 202) throw new Error(`A notification was answered with ${statusCode}.`);
      answered += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    return answered / seconds;
  } finally {
    await pool.close();
  }
}

async function listening(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(url, { method: 'HEAD' }).catch(() => undefined)) return;
    await pause(100);
  }
  throw new Error('The bare route does not listen.');
}
