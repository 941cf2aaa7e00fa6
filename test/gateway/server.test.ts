import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { openPostgres } from '../../src/ledger/postgres';
import { createMetrics } from '../../src/gateway/metrics';
import { startGateway, type GatewayServer } from '../../src/gateway/server';
import { freePort } from '../../src/processes/free-port';
import { gatewayConfig, notification, PATH, post } from './gateway';
import { closed, open } from './raw-http';

const log = pino({ level: 'silent' });
const LISTEN = { gateway: { host: '127.0.0.1', port: 0 } };

/** A request of which a part is sent. */
const HALF = {
  'without the end of its headers': `POST ${PATH} HTTP/1.1\r\nhost: x\r\n`,
  'without the end of its body': `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
};

/** The gateway while neither Temporal nor the ledger is there. */
describe('the gateway', () => {
  let client: Client;
  let ledger: Ledger;
  let gateway: GatewayServer;
  let port: number;
  beforeAll(async () => {
    const nobody = await freePort('127.0.0.1');
    client = new Client({ connection: Connection.lazy({ address: `127.0.0.1:${nobody}` }) });
    ledger = createLedger(openPostgres(`postgres://a:b@127.0.0.1:${nobody}/a`));
    gateway = await startGateway({
      config: gatewayConfig(undefined, LISTEN),
      client,
      ledger,
      metrics: createMetrics(),
      log,
    });
    port = Number(new URL(gateway.url).port);
  });
  afterAll(async () => {
    await gateway.close();
    await ledger.close();
    await client.connection.close();
  });

  it('reports where it listens', () => {
    expect(gateway.url).toBe(`http://127.0.0.1:${port}`);
  });

  it('asks for retries while Temporal is down, before the platform times out', async () => {
    const began = Date.now();
    const answers = await Promise.all(
      ['a1', 'a2', 'a3'].map((archiveId) => post(gateway.url + PATH, notification(archiveId))),
    );
    expect(Date.now() - began).toBeLessThan(3_000);
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
      await expect(answer.text()).resolves.toBe('{"error":"service unavailable"}');
    }
  });

  it('is alive but not ready', async () => {
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(503);
    await expect(ready.json()).resolves.toEqual({
      status: 'unavailable',
      checks: { temporal: 'unavailable', ledger: 'unavailable' },
    });
  });

  it('closes the connections of slow senders, however they drip', async () => {
    const began = Date.now();
    const tooSlow = Object.values(HALF).map(async (part) => {
      const socket = await open(port);
      socket.write(part);
      const drip = setInterval(() => socket.write('x'), 200);
      await closed(socket);
      clearInterval(drip);
      return Date.now() - began;
    });
    for (const milliseconds of await Promise.all(tooSlow)) {
      expect(milliseconds).toBeGreaterThan(1_500);
      expect(milliseconds).toBeLessThan(4_500);
    }
  });
});

describe('stopping the gateway', () => {
  it('does not wait for an incomplete request', async () => {
    const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:9' }) });
    const ledger = createLedger(openPostgres('postgres://a:b@127.0.0.1:9/a'));
    const gateway = await startGateway({
      config: gatewayConfig(undefined, LISTEN),
      client,
      ledger,
      metrics: createMetrics(),
      log,
    });
    const sockets = await Promise.all(
      Object.values(HALF).map(async (part) => {
        const socket = await open(Number(new URL(gateway.url).port));
        socket.write(part);
        return socket;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = Date.now();
    await gateway.close();
    expect(Date.now() - began).toBeLessThan(4_000);
    await Promise.all(sockets.map(closed));
    await ledger.close();
    await client.connection.close();
  });
});
