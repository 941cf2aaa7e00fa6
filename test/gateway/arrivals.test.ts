import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createArrivals } from '../../src/gateway/http/listener';
import { until } from '../e2e/until';
import { closed, open } from './raw-http';

/** Milliseconds; what is shorter than half of it counts as at once. */
const LONG = 800;

const REQUEST = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n';

let server: Server;
let port: number;
/** For how long each request had been arriving when it was answered, in milliseconds. */
let ages: number[];
/** What the gateway does when it has accepted a connection. */
let onConnection: () => void;
beforeEach(async () => {
  ages = [];
  onConnection = () => undefined;
  const arrivals = createArrivals();
  server = createServer((request, response) => {
    ages.push(performance.now() - arrivals.of(request));
    response.end('answer');
  });
  arrivals.watch(server);
  server.on('connection', () => onConnection());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function answered(count: number): Promise<void> {
  await until(`${count} answers`, () => Promise.resolve(ages.length >= count));
}

describe('the first request of a connection', () => {
  it('arrives with the connection, also if the event loop is busy before it is read', async () => {
    onConnection = () => {
      const end = performance.now() + LONG;
      while (performance.now() < end);
    };
    const socket = await open(port);
    socket.write(REQUEST);
    await answered(1);
    expect(ages[0]).toBeGreaterThanOrEqual(LONG);
    socket.destroy();
  });
});

describe('a later request', () => {
  it('arrives with its first byte, not with its headers, and not with the connection', async () => {
    const socket = await open(port);
    socket.resume().write(REQUEST);
    await answered(1);
    await sleep(2 * LONG);
    socket.write(REQUEST.slice(0, 10));
    await sleep(LONG);
    socket.write(REQUEST.slice(10));
    await answered(2);
    expect(ages[1]).toBeGreaterThan(LONG / 2);
    expect(ages[1]).toBeLessThan(2 * LONG);
    await sleep(LONG);
    socket.write(REQUEST);
    await answered(3);
    expect(ages[2]).toBeLessThan(LONG / 2);
    socket.destroy();
  });

  it('that was sent together with others has its own answer, and the connection can end', async () => {
    const socket = await open(port);
    socket.resume().write(REQUEST.repeat(3));
    await answered(3);
    for (const age of ages) expect(age).toBeLessThan(LONG);
    socket.end();
    await closed(socket);
  });
});
