import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { boundConnections } from '../../src/gateway/http/listener';
import { until } from '../e2e/until';
import { closed, open } from './raw-http';

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
  boundConnections(server, () => (crowdedOut += 1), MANY);
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

describe('where there are too many connections', () => {
  it('the one that waits for the longest is closed for a new one', async () => {
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

  it('one whose request is being answered stays, and waits from its answer on', async () => {
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

  it('a new one is turned away only where all are being answered, twice as many', async () => {
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
