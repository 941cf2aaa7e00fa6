import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The network between Archivist and the platform, which breaks where a test wants it. */
export class Line {
  readonly #sockets = new Set<Socket>();
  /** Bytes of answers after which a connection breaks, by what its request is for; each does so once. */
  readonly #breaks = new Map<string, number>();
  #listener: Server | undefined;
  #port = 0;

  constructor(private readonly platform: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Lets connections through, on the port that it had before if it had one. */
  async open(): Promise<void> {
    this.#listener = createServer((client) => this.#join(client)).listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.#port = (this.#listener.address() as AddressInfo).port;
  }

  /** Breaks every connection, and refuses new ones. */
  async close(): Promise<void> {
    this.#listener?.close();
    this.#sockets.forEach((socket) => socket.resetAndDestroy());
    await (this.#listener && once(this.#listener, 'close'));
  }

  /** The next time that a request whose path holds `path` is answered, the connection breaks after so many bytes. */
  breakOnce(path: string, bytes: number): void {
    this.#breaks.set(path, bytes);
  }

  #join(client: Socket): void {
    const server = connect(Number(new URL(this.platform).port), '127.0.0.1');
    let left = Infinity;
    client.on('data', (request) => {
      left = this.#takeBreak(request);
      server.write(request);
    });
    server.on('data', (answer: Buffer) => {
      client.write(answer.subarray(0, left));
      left -= answer.length;
      if (left > 0) return;
      server.destroy();
      // A reset would take away what is still on its way, and nobody could tell how much.
      client.end();
    });
    client.on('close', () => server.destroy());
    server.on('end', () => client.end());
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    }
  }

  #takeBreak(request: Buffer): number {
    const [line = ''] = request.toString('latin1').split('\r\n', 1);
    for (const [path, bytes] of this.#breaks) {
      if (!line.includes(path)) continue;
      this.#breaks.delete(path);
      return bytes;
    }
    return Infinity;
  }
}
