import type { Command } from 'commander';
import { loadConfig } from '../config/load-config';
import { createClient } from '../temporal/connect';
import { openFrontDoor } from './front-door';
import { configuredCommand, type CommonOptions } from './options';
import { say, sayJson } from './output';
import { openLedger } from './prepare';
import { untilStopped } from './until-stopped';
import { readTemporalSettings } from './with-temporal';

export function gatewayCommand(): Command {
  return configuredCommand('gateway', "take the platform's notifications in and start claims").action(
    gateway,
  );
}

async function gateway({ config: file, json }: CommonOptions): Promise<void> {
  const config = loadConfig(file);
  const client = createClient(readTemporalSettings());
  const ledger = await openLedger(config);
  const server = await openFrontDoor(config, client, ledger);
  if (json) sayJson({ event: 'ready', gateway: server.url });
  else say(`The gateway listens on ${server.url}.`);
  await untilStopped();
  await server.close();
  await ledger.close();
  await client.connection.close();
}
