import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Link } from './site/link';

/** Sends back what it gets. */
let echo: Server;
let link: Link;
let client: Socket;
let received: string;
beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  link = await Link.to((echo.address() as AddressInfo).port);
  client = connect(link.port, '127.0.0.1');
  received = '';
  client.setEncoding('utf8').on('data', (text: string) => (received += text));
  client.on('error', () => undefined);
  await say('before');
});
afterEach(async () => {
  client.destroy();
  await link.close();
  echo.close();
});

async function say(text: string): Promise<void> {
  client.write(text);
  while (!received.endsWith(text)) await once(client, 'data');
}

it('the link forwards all bytes, and the end', async () => {
  client.end();
  await once(client, 'close');
  expect(received).toBe('before');
});

it('the link can cut a connection', async () => {
  expect(link.cut(1)).toBe(1);
  expect(await once(client, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
});

it('the link can delay a connection, and loses nothing', async () => {
  const begun = Date.now();
  expect(link.stall(1, 200)).toBe(1);
  await say('held');
  expect(received).toBe('beforeheld');
  expect(Date.now() - begun).toBeGreaterThan(150);
});

it('the link discards the bytes of a silenced connection, and leaves it open', async () => {
  expect(link.silence(1)).toBe(1);
  client.write('lost');
  await pause(100);
  expect([received, client.readyState]).toEqual(['before', 'open']);
});

it('the link accepts new connections after it silenced others', async () => {
  link.silence(1);
  const other = connect(link.port, '127.0.0.1');
  other.write('x');
  expect(String((await once(other, 'data'))[0])).toBe('x');
  other.destroy();
});
