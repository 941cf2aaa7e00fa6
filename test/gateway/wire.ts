import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire to a server, that can be cut, be slow, or hold back what the server says while it hears everything. */
export interface Wire {
  readonly port: number;
  /** Each answer of the server comes this much later. */
  delay(ms: number): void;
  /** Ends what is connected, and refuses who connects, until it is mended. */
  cut(): Promise<void>;
  /** The server hears what is sent, and its answers do not come, until it is mended. */
  hold(): void;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function openWire(to: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  const held = new Set<() => void>();
  let isHeld = false;
  let delayMs = 0;
  let server = await listen(0, join);
  const { port } = server.address() as AddressInfo;
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return {
    port,
    delay(ms) {
      delayMs = ms;
    },
    cut: end,
    hold() {
      isHeld = true;
    },
    async mend() {
      isHeld = false;
      for (const release of held) release();
      held.clear();
      if (!server.listening) server = await listen(port, join);
    },
    close: end,
  };

  function join(near: Socket): void {
    const far = connect(to, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (isHeld) held.add(() => void near.write(bytes));
      else if (delayMs > 0) setTimeout(() => near.write(bytes), delayMs);
      else near.write(bytes);
    });
  }
}

async function listen(port: number, join: (socket: Socket) => void): Promise<Server> {
  const server = createServer(join).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
