import { errorCode } from '../../domain/error-code';
import { tryPort } from '../../processes/free-port';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An address of the configuration, with its keys. */
export function placeOf(key: 'gateway' | 'metrics', { host, port }: Address): string {
  return `\`${key}.host\` ${host}, \`${key}.port\` ${port}`;
}

/**
 * Starts a server.
 * @param place its address, and what sets it: see {@link placeOf}
 * @throws Error that names the place if nothing can listen there
 */
export async function listening<Result>(place: string, start: () => Promise<Result>): Promise<Result> {
  try {
    return await start();
  } catch (error) {
    const why = REASONS[errorCode(error)];
    if (why === undefined) throw error;
    throw new Error(`Nothing can listen on ${place}: ${why} (${errorCode(error)}).`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; end it, or choose another port',
  EACCES: 'this user may not; choose a port from 1024 on',
  EADDRNOTAVAIL: 'it is no address of this machine',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
};

/** The IP address for the Temporal SDK, which accepts no host names. @throws as {@link listening} */
export async function freeAddress({ host, port }: Address): Promise<string> {
  const ip = await listening(placeOf('metrics', { host, port }), () => tryPort(host, port));
  return `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
}
