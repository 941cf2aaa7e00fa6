import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { runArchivist, startArchivist, type Ended, type Installation } from './archivist';
import type { Closing } from './closing';
import { writeConfiguration } from './configuration';
import { startLedger, type Ledger } from './ledger';
import { Link, type LinkName } from './link';
import { startPlatform, subscribe, type Platform } from './platform';
import { Service } from './service';
import { startTemporal } from './temporal';

/** An installation with all that it needs, each a process of its own, and the network between them. */
export interface Site {
  readonly platform: Platform;
  readonly ledger: Ledger;
  /** Temporal, without the network between. */
  readonly temporal: Client;
  /** The root folder of the store. */
  readonly store: string;
  /** Archivist's own processes. */
  readonly fleet: readonly Service[];
  /** All processes that may be killed. */
  readonly mortals: readonly Service[];
  readonly links: Readonly<Partial<Record<LinkName, Link>>>;
  /** Runs a command of Archivist to its end. */
  run(...args: readonly string[]): Promise<Ended>;
}

export interface SiteOptions {
  readonly folder: string;
  readonly report: (line: string) => void;
}

/** Starts everything, and hands what must be ended to `closing`. */
export async function openSite({ folder, report }: SiteOptions, closing: Closing): Promise<Site> {
  await mkdir(path.join(folder, 'logs'), { recursive: true });
  const [temporal, ledger] = await Promise.all([
    startTemporal(folder, closing, report),
    startLedger(closing),
  ]);
  const temporalLink = await linkTo(temporal.port, closing);
  const installation = {
    folder,
    config: path.join(folder, 'archivist.yaml'),
    temporal: `127.0.0.1:${temporalLink.port}`,
  };
  const platform = await startPlatform(installation, closing);
  const platformLink = await linkTo(platform.port, closing);
  const configuration = await writeConfiguration(installation, platform, platformLink.port, ledger.url);
  const { store, gateway, callbackSecret } = configuration;
  const setup = await runArchivist(installation, 'setup');
  if (!setup.ok) throw new Error(`archivist setup: ${setup.output}`);
  const fleet = await startFleet(installation, closing);
  await subscribe(platform, gateway, callbackSecret);
  return {
    platform,
    ledger,
    temporal: temporal.client,
    store,
    fleet,
    mortals: [...fleet, temporal.service, ledger.service],
    links: {
      platform: platformLink,
      temporal: temporalLink,
      ledger: ledger.link,
    },
    run: (...args) => runArchivist(installation, ...args),
  };
}

async function startFleet(installation: Installation, closing: Closing): Promise<readonly Service[]> {
  const service = (name: string, command: string): Service =>
    new Service(name, () => startArchivist(installation, name, command));
  const fleet = [service('gateway', 'gateway'), service('worker-1', 'worker'), service('worker-2', 'worker')];
  for (const one of fleet) {
    await one.start();
    closing.add(() => one.stop('SIGKILL'));
  }
  return fleet;
}

async function linkTo(port: number, closing: Closing): Promise<Link> {
  const link = await Link.to(port);
  closing.add(() => link.close());
  return link;
}
