import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrivalOf, watchConnections } from '../../src/gateway/http/listener';
import { until } from '../e2e/until';
import { closed, open } from './raw-http';

describe('connections', () => {
  const MANY = 5;

  let server: Server;
  let port: number;
  let crowdedOut: number;
  /** Requests that wait for their answers. */
  let asked: ServerResponse[];
  beforeEach(async () => {
    crowdedOut = 0;
    asked = [];
    server = createServer((_request, response) => asked.push(response));
    watchConnections(server, () => (crowdedOut += 1), MANY);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  /** Opens connections one after the other. */
  async function openMany(count: number): Promise<readonly Socket[]> {
    const sockets: Socket[] = [];
    for (let index = 0; index < count; index += 1) {
      const accepted = once(server, 'connection');
      sockets.push(await open(port));
      await accepted;
    }
    return sockets;
  }

  async function ask(socket: Socket): Promise<void> {
    const before = asked.length;
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await until('the request', () => Promise.resolve(asked.length > before));
  }

  describe('with too many connections', () => {
    it('the listener closes the one that has been idle for the longest in favour of a new one', async () => {
      const [first, second, ...others] = await openMany(MANY);
      const [sixth] = await openMany(1);
      await closed(first!);
      const [seventh] = await openMany(1);
      await closed(second!);
      expect(crowdedOut).toBe(2);
      for (const socket of [...others, sixth!, seventh!]) {
        expect(socket.closed).toBe(false);
        socket.destroy();
      }
    });

    it('the listener keeps one whose request is being answered, and counts it as idle from then on', async () => {
      const [first, second, third, fourth, fifth] = await openMany(MANY);
      await ask(first!);
      await openMany(1);
      await closed(second!);
      expect(first!.closed).toBe(false);
      asked[0]!.end('answer');
      const [answer] = (await once(first!, 'data')) as [Buffer];
      expect(answer.toString()).toContain('answer');
      await openMany(3);
      await Promise.all([third!, fourth!, fifth!].map(closed));
      expect(first!.closed).toBe(false);
    });

    it('the listener rejects a new one only if all are being answered, and twice as many', async () => {
      for (let count = 1; count <= 2 * MANY; count += 1) {
        const [socket] = await openMany(1);
        await ask(socket!);
      }
      expect(crowdedOut).toBe(0);
      await closed(await open(port));
      expect(crowdedOut).toBe(1);
      expect(asked.filter((response) => response.destroyed)).toEqual([]);
    });
  });
});

describe('the arrival time', () => {
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
    server = createServer((request, response) => {
      ages.push(performance.now() - arrivalOf(request));
      response.end('answer');
    });
    watchConnections(server, () => undefined);
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

  describe('of the first request of a connection', () => {
    it('is the time of the connection, even if the event loop is busy before it is read', async () => {
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

  describe('of a later request', () => {
    it('is the time of its first byte, not of its headers, and not of the connection', async () => {
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

    it('is independent of other requests that were sent with it, and the connection can end', async () => {
      const socket = await open(port);
      socket.resume().write(REQUEST.repeat(3));
      await answered(3);
      for (const age of ages) expect(age).toBeLessThan(LONG);
      socket.end();
      await closed(socket);
    });
  });
});
