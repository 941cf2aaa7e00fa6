import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import { until } from '../e2e/until';
import { selfSigned, type SelfSigned } from '../support/self-signed';
import { memoryLog, notification, PATH, SECRET, startTestGateway, type TestGateway } from './gateway';
import { closed, exchange, open } from './raw-http';

const MARKER = 'MARKER-Erika-Mustermann';

describe('the gateway with its own certificate', () => {
  const { log, text } = memoryLog();
  let folder: string;
  let certificate: SelfSigned;
  let gateway: TestGateway;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'archivist-tls-'));
    const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
    certificate = selfSigned('gateway');
    writeFileSync(files.cert, certificate.cert);
    writeFileSync(files.key, certificate.key);
    gateway = await startTestGateway({ tls: files, log });
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  async function secured(options: object = {}): Promise<TLSSocket> {
    const socket = connect({ port: gateway.port, host: '127.0.0.1', ca: certificate.cert, ...options });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  async function countedAsTls(): Promise<number> {
    const metrics = await gateway.metrics.registry.metrics();
    return Number(/rejections_total\{reason="tls"\} (\d+)/.exec(metrics)?.[1] ?? 0);
  }

  it('accepts notifications over TLS', async () => {
    const dispatcher = new Agent({ connect: { ca: certificate.cert } });
    const answer = await request(`https://127.0.0.1:${gateway.port}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(notification('over-tls')),
      dispatcher,
    });
    expect(answer.statusCode).toBe(202);
    await expect(answer.body.json()).resolves.toEqual({ status: 'accepted' });
    await dispatcher.destroy();
  });

  it('closes plain HTTP connections, counts them, and logs nothing of them', async () => {
    const before = await countedAsTls();
    const plain = `POST ${PATH} HTTP/1.1\r\nhost: ${MARKER}\r\ncontent-length: 2\r\n\r\n{}`;
    const answer = await exchange(gateway.port, plain);
    expect(answer).not.toContain('HTTP');
    expect(await countedAsTls()).toBe(before + 1);
    for (const hidden of [MARKER, SECRET]) {
      expect(text()).not.toContain(hidden);
      expect(text()).not.toContain([...Buffer.from(hidden)].join(','));
    }
  });

  it('refuses TLS versions before 1.2', async () => {
    const before = await countedAsTls();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
    await expect(secured(old)).rejects.toThrow();
    await until('it to be counted', async () => (await countedAsTls()) === before + 1);
  });

  it('closes a connection whose handshake does not end', async () => {
    const socket = await open(gateway.port);
    // A record of a handshake that says it is 512 bytes long.
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    const began = Date.now();
    await closed(socket);
    expect(Date.now() - began).toBeLessThan(4_500);
  });

  it('closes a connection that drips after the handshake', async () => {
    const socket = await secured();
    const began = Date.now();
    let answer = '';
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\n`);
    const drip = setInterval(() => socket.write('x'), 200);
    await closed(socket);
    clearInterval(drip);
    expect(Date.now() - began).toBeLessThan(4_500);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});
