import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { z } from 'zod';
import { reasonOf } from '../processes/reason-of';
import { runProgram } from '../processes/run-program';
import { addToCache } from './temporal-tool-cache';
import type { Finding, Search } from './temporal-tool-search';
import type { Tool } from './temporal-tools';

const CONNECT_MS = 10_000;
const STALL_MS = 30_000;
const WHOLE_MS = 5 * 60_000;

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
};
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** What the download service says of a version: the same that the Temporal SDKs ask it. */
const DownloadInfo = z.object({
  archiveUrl: z.url(),
  fileToExtract: z.string().regex(/^(?!.*\.\.)[A-Za-z0-9][\w./-]*$/),
});

/**
 * Fetches a program from Temporal's download service, as the SDKs do for their own test servers. What it gives is
 * trusted because of its TLS certificate: Temporal publishes no checksum there.
 */
export async function downloadTool(tool: Tool, search: Search): Promise<Finding> {
  const platform = PLATFORMS[process.platform];
  const arch = ARCHITECTURES[process.arch];
  if (!platform || !arch) return { why: `nothing for ${process.platform} ${process.arch}` };
  const info = new URL(`/${tool.artifact}/v${tool.version}?${query({ platform, arch })}`, search.downloads);
  search.report(`fetching ${tool.name} ${tool.version} from ${info.host} …`);
  return addToCache(tool, search, async (scratch) => {
    const dispatcher = new EnvHttpProxyAgent({
      connect: { timeout: CONNECT_MS },
      headersTimeout: STALL_MS,
      bodyTimeout: STALL_MS,
    });
    const deadline = AbortSignal.timeout(WHOLE_MS);
    const get = async (url: URL): Promise<Response> => fetch(url, { dispatcher, signal: deadline });
    try {
      return await downloadArchive(info, scratch, get);
    } catch (error) {
      return { why: reasonOf(error) };
    } finally {
      await dispatcher.destroy();
    }
  });
}

async function downloadArchive(
  info: URL,
  scratch: string,
  get: (url: URL) => Promise<Response>,
): Promise<Finding> {
  const answer = await get(info);
  if (!answer.ok) return { why: `${info.host} answered ${answer.status}` };
  const { archiveUrl, fileToExtract } = DownloadInfo.parse(await answer.json());
  const url = new URL(archiveUrl);
  if (url.protocol !== info.protocol)
    return { why: `${info.host} names an archive that is not at ${info.protocol}` };
  const archive = await get(url);
  if (!archive.ok || !archive.body) return { why: `${url.host} answered ${archive.status}` };
  const file = path.join(scratch, 'archive');
  await pipeline(Readable.fromWeb(archive.body), createWriteStream(file));
  const tar = await runProgram('tar', ['-xf', file, '-C', scratch, fileToExtract], { timeoutMs: STALL_MS });
  if (!tar.ran) return { why: `tar ${tar.why}` };
  if (!tar.ok) return { why: `tar found no ${fileToExtract} in the archive` };
  return { path: path.join(scratch, fileToExtract) };
}

function query(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString();
}
