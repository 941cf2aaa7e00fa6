import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { openCertificate, renewCertificate, type CertificateFiles } from '../../src/gateway/http/certificate';
import { until } from '../e2e/until';
import { selfSigned } from '../support/self-signed';
import { memoryLog } from './gateway';

/** Milliseconds between two looks at the files. */
const INTERVAL = 20;

let folder: string;
let files: CertificateFiles;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'archivist-certificate-'));
  files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
  put(selfSigned('first'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put({ cert, key }: { readonly cert?: string; readonly key?: string }): void {
  if (cert !== undefined) writeFileSync(files.cert, cert);
  if (key !== undefined) writeFileSync(files.key, key);
}

describe('a certificate that cannot be used', () => {
  it.each([
    ['a file is missing', () => rmSync(files.key)],
    ['a file is no PEM', () => put({ cert: 'MARKER' })],
    ['the key is of another one', () => put({ key: selfSigned('other').key })],
  ])('keeps the gateway from starting, and the error names it: %s', (_, spoil) => {
    spoil();
    expect(() => openCertificate(files)).toThrow(
      `The certificate in ${files.cert} with the key in ${files.key}`,
    );
    expect(() => openCertificate(files)).not.toThrow('MARKER');
  });
});

describe('a renewed certificate', () => {
  const { log, text } = memoryLog();
  let server: Server;
  let end: () => void;
  beforeEach(async () => {
    const certificate = openCertificate(files);
    server = createServer({ ...certificate }, (_request, response) => response.end('answer'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    end = renewCertificate(server, files, certificate, log, INTERVAL);
  });
  afterEach(() => {
    end();
    server.close();
    server.closeAllConnections();
  });

  async function secured(): Promise<TLSSocket> {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return socket;
  }

  async function nameShown(): Promise<string> {
    const socket = await secured();
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  }

  it('is used for new connections, while open ones continue', async () => {
    const before = await secured();
    expect(before.getPeerCertificate().subject.CN).toBe('first');
    put(selfSigned('second'));
    await until('the second to be shown', async () => (await nameShown()) === 'second');
    before.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const [answer] = (await once(before, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 200');
    before.destroy();
  });

  it('is not used until its key is there, too, and the log says so once', async () => {
    const third = selfSigned('third');
    put({ cert: third.cert });
    await until('it to be seen', () => Promise.resolve(text().includes('cannot be used')));
    await new Promise((resolve) => setTimeout(resolve, 5 * INTERVAL));
    expect(await nameShown()).toBe('first');
    expect(text().match(/cannot be used/g)).toHaveLength(1);
    put({ key: third.key });
    await until('the third to be shown', async () => (await nameShown()) === 'third');
  });

  it('does not replace the old one if its file was removed', async () => {
    rmSync(files.cert);
    await until('it to be missed', () => Promise.resolve(text().includes('ENOENT')));
    expect(await nameShown()).toBe('first');
  });

  it('still requires TLS 1.2', async () => {
    put(selfSigned('fourth'));
    await until('the fourth to be shown', async () => (await nameShown()) === 'fourth');
    const { port } = server.address() as AddressInfo;
    const old = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    await expect(once(old, 'secureConnect')).rejects.toThrow();
  });
});
