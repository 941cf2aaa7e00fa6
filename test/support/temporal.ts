import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  startDevServer,
  type DevServer,
  type DevServerOptions,
} from '../../src/embedded/temporal-dev-server';
import { findTool } from '../../src/embedded/temporal-tool-finder';
import { TEMPORAL_TEST_SERVER } from '../../src/embedded/temporal-tools';
import { addSearchAttributes } from '../../src/temporal/register-search-attributes';
import { SEARCH_ATTRIBUTE_NAMES } from '../../src/domain/search-attributes';

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

/** A real Temporal server with Archivist's search attributes, in memory and without a UI. Close it with `close()`. */
export async function startTemporal(options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  return startDevServer({ ui: false, ...options });
}
