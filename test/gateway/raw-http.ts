import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Sends bytes as they are, and gives what came back when the other side has closed. */
export async function exchange(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = await open(port);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
  for (const part of parts) socket.write(part);
  await closed(socket);
  return answer;
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // Whoever writes to a connection that the gateway has cut is told so; that is what is tested.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}
