import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createClient } from '../../src/temporal/connect';
import { testTemporal } from '../support/temporal';

describe('a proxy from the environment', () => {
  const { env } = process;
  let connections = 0;
  const proxy = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).destroy();
  });
  beforeAll(async () => {
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    process.env = {
      ...env,
      grpc_proxy: url,
      http_proxy: url,
      https_proxy: url,
      no_proxy: '',
      no_grpc_proxy: '',
    };
  });
  afterAll(() => {
    process.env = env;
    proxy.close();
  });

  it.each(['127.0.0.1', 'localhost'])('is not used for a Temporal on this machine, at %s', async (host) => {
    const temporal = await testTemporal();
    const address = temporal.address.replace('127.0.0.1', host);
    const client = createClient({ connectionOptions: { address }, namespace: temporal.namespace });
    await client.withDeadline(Date.now() + 5_000, () => client.workflow.count());
    expect(connections).toBe(0);
    await client.connection.close();
    await temporal.close();
  });
});
