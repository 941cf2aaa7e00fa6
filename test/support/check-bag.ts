import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Checks a bag against RFC 8493 with code that shares nothing with the project's own.
 * @returns what is wrong with it; nothing where it is complete and valid (§3)
 */
export async function checkBag(directory: string): Promise<string[]> {
  const files = await filesIn(directory).catch(() => undefined);
  if (files === undefined) return ['there is no such directory'];
  const missing = ['bagit.txt', 'manifest-sha256.txt', 'tagmanifest-sha256.txt'].filter((f) => !files.has(f));
  if (missing.length > 0) return missing.map((file) => `${file} is missing`);

  const payload = [...files].filter((file) => file.startsWith('data/'));
  const tags = [...files].filter((file) => !file.startsWith('data/') && file !== 'tagmanifest-sha256.txt');
  return [
    ...(await checkDeclaration(directory)),
    ...(await checkManifest(directory, 'manifest-sha256.txt', payload)),
    ...(await checkManifest(directory, 'tagmanifest-sha256.txt', tags)),
    ...(files.has('bag-info.txt') ? await checkBagInfo(directory, payload) : []),
  ];
}

async function filesIn(directory: string): Promise<Set<string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return new Set(
    files.map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/')),
  );
}

/** §2.1.1: exactly two lines. */
async function checkDeclaration(directory: string): Promise<string[]> {
  const text = await readFile(join(directory, 'bagit.txt'), 'utf8');
  const right = /^BagIt-Version: 1\.0(\r\n|\n|\r)Tag-File-Character-Encoding: UTF-8(\r\n|\n|\r)?$/.test(text);
  return right ? [] : ['bagit.txt is no BagIt 1.0 declaration'];
}

/** §2.1.3 and §2.2.1: every line names a file with its checksum, and every file is named. */
async function checkManifest(
  directory: string,
  manifest: string,
  expected: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  const listed = new Set<string>();
  for (const line of await linesOf(join(directory, manifest))) {
    const separator = line.search(/[ \t]/);
    const checksum = line.slice(0, separator);
    const name = line.slice(separator).trimStart().replaceAll('%0A', '\n').replaceAll('%0D', '\r');
    if (checksum.length !== 64) problems.push(`${manifest} has a line without SHA-256: ${line}`);
    if (listed.has(name)) problems.push(`${manifest} lists ${name} twice`);
    listed.add(name);
    const actual = await sha256(join(directory, name)).catch(() => undefined);
    if (actual === undefined) problems.push(`${name} is listed in ${manifest} and missing`);
    else if (actual !== checksum.toLowerCase()) problems.push(`${name} differs from ${manifest}`);
  }
  for (const name of expected) if (!listed.has(name)) problems.push(`${name} is not in ${manifest}`);
  return problems;
}

/** §2.2.2: labels and values; Payload-Oxum is the number of bytes and of files. */
async function checkBagInfo(directory: string, payload: readonly string[]): Promise<string[]> {
  const lines = await linesOf(join(directory, 'bag-info.txt'));
  const problems = lines
    .filter((line) => !/^([^\s:][^:]*: ?.*|[ \t].*)$/.test(line))
    .map((line) => `bag-info.txt has no element in the line: ${line}`);
  const sizes = await Promise.all(payload.map(async (file) => (await stat(join(directory, file))).size));
  const oxum = `${sizes.reduce((sum, size) => sum + size, 0)}.${payload.length}`;
  const stated = lines
    .find((line) => line.startsWith('Payload-Oxum:'))
    ?.slice('Payload-Oxum:'.length)
    .trim();
  if (stated !== undefined && stated !== oxum) problems.push(`Payload-Oxum is ${stated}, not ${oxum}`);
  return problems;
}

async function linesOf(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  return text.split(/\r\n|\r|\n/).filter((line) => line !== '');
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
