import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nothing listens on right now. Whoever wants it should take it soon. */
export async function freePort(ip: string): Promise<number> {
  return listenOnce(ip, 0);
}

/** Whether nothing listens on the port right now. */
export async function isFree(ip: string, port: number): Promise<boolean> {
  return listenOnce(ip, port).then(
    () => true,
    () => false,
  );
}

async function listenOnce(ip: string, port: number): Promise<number> {
  const server = createServer().listen(port, ip);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error(`No port on ${ip}.`);
  return address.port;
}
