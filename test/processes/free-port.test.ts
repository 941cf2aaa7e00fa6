import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort, isFree } from '../../src/processes/free-port';

const IP = '127.0.0.1';

it('is one that can be listened on, and that no system hands out by itself', async () => {
  const port = await freePort(IP);
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_768);
  const server = createServer().listen(port, IP);
  await once(server, 'listening');
  expect(await isFree(IP, port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await isFree(IP, port)).toBe(true);
});

it('tells where there is none, on an address that is not of this machine', async () => {
  await expect(freePort('192.0.2.1')).rejects.toThrow('Nothing can listen on 192.0.2.1');
});
