import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const HEALTH = path.join(__dirname, '..', '..', 'deploy', 'health.js');

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/silent') return;
    response.writeHead(request.url === '/livez' ? 200 : 503).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function exitCode(address: string): Promise<number> {
  const [code] = (await once(spawn(process.execPath, [HEALTH, address]), 'exit')) as [number];
  return code;
}

it.each([
  ['success', '/livez', 0],
  ['an error', '/readyz', 1],
  ['nothing', '/silent', 1],
])('the health check exits as expected if the service answers with %s', async (_answer, at, code) => {
  expect(await exitCode(url + at)).toBe(code);
});

it('the health check reports a service that does not listen as unhealthy', async () => {
  expect(await exitCode('http://127.0.0.1:1')).toBe(1);
});
