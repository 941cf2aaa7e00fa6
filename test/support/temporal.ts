import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  startDevServer,
  type DevServer,
  type DevServerOptions,
} from '../../src/embedded/temporal-dev-server';
import { findTool } from '../../src/embedded/temporal-tool-finder';
import { createClient } from '../../src/temporal/connect';
import { addSearchAttributes, registerSearchAttributes } from '../../src/temporal/register-search-attributes';
import { until } from '../e2e/until';
import { TEMPORAL_TEST_SERVER } from './test-server-tool';
import { SEARCH_ATTRIBUTE_NAMES } from '../../src/domain/search-attributes';

/** The Temporal server of all test files, which `global-setup.ts` starts; and why it could not, for those files that need it. */
export const TEMPORAL_VARIABLES = {
  address: 'ARCHIVIST_TEST_TEMPORAL_ADDRESS',
  problem: 'ARCHIVIST_TEST_TEMPORAL_PROBLEM',
} as const;

/** As long as a run of all tests may take. */
const RETENTION: Duration = '1 day';

/** A namespace that nobody else uses. */
export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * Makes a namespace with Archivist's search attributes on the Temporal server of all test files: that takes milliseconds, and a server
 * of its own about a second (without the attributes if `hasSearchAttributes` is false). A file that stops or kills Temporal starts its own with {@link startTemporal}.
 */
export async function testTemporal(hasSearchAttributes = true): Promise<TestTemporal> {
  const address = process.env[TEMPORAL_VARIABLES.address];
  if (address === undefined)
    throw new Error(
      process.env[TEMPORAL_VARIABLES.problem] ?? 'The tests were started without their global set-up.',
    );
  const namespace = `test-${randomUUID()}`;
  const client = createClient({ connectionOptions: { address }, namespace });
  await client.connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs(RETENTION),
  });
  if (hasSearchAttributes) await registerSearchAttributes(client);
  return { address, namespace, client, close: () => client.connection.close() };
}

/**
 * How many runs of a workflow Temporal lists. It lists a run only some time after it has started it, and so this waits until it
 * lists `least` of them.
 */
export async function listedRuns(client: Client, workflowId: string, least = 1): Promise<number> {
  return await until(`${least} listed runs of ${workflowId}`, async () => {
    const { count } = await client.workflow.count(`WorkflowId = '${workflowId}'`);
    return count >= least && count;
  });
}

/** A Temporal server that skips time while nothing but timers is left to wait for. Close it with `teardown()`. */
export async function startTestServer(): Promise<TestWorkflowEnvironment> {
  const path = await findTool(TEMPORAL_TEST_SERVER);
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  // This server cannot tell which it has.
  await addSearchAttributes(environment.client, SEARCH_ATTRIBUTE_NAMES);
  return environment;
}

/** A real Temporal server with Archivist's search attributes, in memory and without a UI. End it with `stop()`. */
export async function startTemporal(options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  return startDevServer({ ui: false, ...options });
}
