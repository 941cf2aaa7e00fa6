import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/**
 * Below the ephemeral ports that systems give to programs that ask for any port, and to outgoing connections: Linux from
 * 32,768 on, others from 49,152 on. No other program gets one of these by chance.
 */
const PORTS = [20_000, 32_768] as const;
const TRIES = 50;

const given = new Set<number>();

/** Returns a port that nothing listens on right now, another one each time. The caller should use it soon. */
export async function freePort(ip: string): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(...PORTS);
    if (given.has(port) || !(await isFree(ip, port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`Nothing can listen on ${ip}: of the ports from ${PORTS[0]} on, ${TRIES} were tried.`);
}

/** Whether nothing listens on the port right now. */
export async function isFree(ip: string, port: number): Promise<boolean> {
  return await tryPort(ip, port).then(
    () => true,
    () => false,
  );
}

/** Listens for a moment. @returns the IP address that it listened on @throws the system's error if nothing can listen there */
export async function tryPort(host: string, port: number): Promise<string> {
  const { address, release } = await holdPort(host, port);
  await release();
  return address;
}

export interface HeldPort {
  /** The IP address. */
  readonly address: string;
  readonly release: () => Promise<void>;
}

/** Listens until `release`, so that nobody else can. @throws the system's error if nothing can listen there */
export async function holdPort(host: string, port: number): Promise<HeldPort> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const { address } = server.address() as AddressInfo;
  return {
    address,
    release: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
