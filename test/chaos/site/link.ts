import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type LinkName = 'platform' | 'temporal' | 'ledger';

/** Both ends of one connection through a link. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  silent: boolean;
}

/** The network between Archivist's processes and one server: whatever passes can be cut, held up, or swallowed. */
export class Link {
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #turn = 0;

  private constructor(listener: Server) {
    this.#listener = listener;
  }

  /** Opens a way to a server of this machine. */
  static async to(port: number): Promise<Link> {
    const listener = createServer({ allowHalfOpen: true });
    const link = new Link(listener);
    listener.on('connection', (client) => link.#join(client, port));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return link;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Ends a share of the connections at once, both ways. @returns how many */
  cut(share: number): number {
    const chosen = this.#choose(share);
    for (const { client, server } of chosen) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    return chosen.length;
  }

  /** Holds a share of the connections up for a while; nothing is lost. @returns how many */
  stall(share: number, forMs: number): number {
    const chosen = this.#choose(share).filter(({ silent }) => !silent);
    for (const pair of chosen) {
      separate(pair);
      void pause(forMs, undefined, { ref: false }).then(() => {
        if (!pair.silent) unite(pair);
      });
    }
    return chosen.length;
  }

  /** From now on a share of the connections swallows everything and stays open, as a lost route does. @returns how many */
  silence(share: number): number {
    const chosen = this.#choose(share);
    for (const pair of chosen) {
      pair.silent = true;
      separate(pair);
      pair.client.resume();
      pair.server.resume();
    }
    return chosen.length;
  }

  async close(): Promise<void> {
    this.#listener.close();
    this.cut(1);
    await once(this.#listener, 'close');
  }

  /** Old connections and new ones take turns. */
  #choose(share: number): readonly Pair[] {
    const open = [...this.#pairs];
    this.#turn = (this.#turn + 1) % Math.max(1, open.length);
    const turned = [...open.slice(this.#turn), ...open.slice(0, this.#turn)];
    return turned.slice(0, Math.ceil(open.length * share));
  }

  #join(client: Socket, port: number): void {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const pair: Pair = { client, server, silent: false };
    this.#pairs.add(pair);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', (hadError) => {
        if (client.closed && server.closed) this.#pairs.delete(pair);
        if (pair.silent) return;
        if (hadError) other.resetAndDestroy();
        else other.destroySoon();
      });
    }
    unite(pair);
  }
}

function unite({ client, server }: Pair): void {
  client.pipe(server);
  server.pipe(client);
}

function separate({ client, server }: Pair): void {
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.unpipe(other);
    socket.pause();
  }
}
