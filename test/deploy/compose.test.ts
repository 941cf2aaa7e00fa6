import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findComposeLoader } from './compose-loader';
import { composeProject, ROOT, type Service } from './compose-project';

const { services, secrets, configs } = composeProject();
const all = Object.entries(services);
const longRunning = all.filter(([, { restart }]) => restart === 'unless-stopped');
const ours = all.filter(([, { build }]) => build !== undefined);

describe('the compose project', () => {
  const loader = findComposeLoader();
  const itWithLoader = loader ? it : it.skip;

  itWithLoader.each([[['docker-compose.yml']], [['docker-compose.yml', 'deploy/compose/simulator.yaml']]])(
    `is valid to ${loader?.name ?? 'Compose (not here)'}: %j`,
    (files) => {
      expect(loader?.validate(files)).toEqual({ status: 0, output: expect.any(String) as string });
    },
  );

  itWithLoader('would not pass with a key that Compose does not know', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'archivist-test-'));
    const file = path.join(folder, 'wrong.yaml');
    await writeFile(file, 'services: { gateway: { helthcheck: {} } }');
    expect(loader?.validate(['docker-compose.yml', file]).output).toContain('helthcheck');
    await rm(folder, { recursive: true });
  });

  it('contains the files from which its configs are created', () => {
    for (const { file } of Object.values(configs)) expect(existsSync(path.join(ROOT, file))).toBe(true);
  });

  it('contains an executable init script for PostgreSQL, which would otherwise be sourced', () => {
    expect(statSync(path.join(ROOT, 'deploy/compose/postgres-roles.sh')).mode & 0o111).toBe(0o111);
  });
});

describe.each(all)('the service %s', (name, service: Service) => {
  it('runs an image with a fixed version, or ours', () => {
    const tag = service.build ? /^archivist:/ : /:v?\d+(\.\d+)+(-[a-z0-9]+)?$/;
    expect(service.image).toMatch(tag);
  });

  it('has minimal privileges', () => {
    expect(service).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('can be reached only from this host', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('reads its secrets from files', () => {
    const secretive = /pass|pwd|secret|token|key/i;
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      if (secretive.test(variable)) expect(value).toMatch(/^\/run\/secrets\//);
      expect(value).not.toMatch(/:\/\/[^/]*@/);
    }
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining([...(service.secrets ?? [])]));
  });

  it('waits until its dependencies are healthy, not only started', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const isJob = services[other]?.restart !== 'unless-stopped';
      expect([name, other, condition]).toEqual([
        name,
        other,
        isJob ? 'service_completed_successfully' : 'service_healthy',
      ]);
    }
  });
});

it.each(longRunning)('the service %s has a health check', (_name, { healthcheck }) => {
  expect(healthcheck?.test[0]).toBe('CMD');
});

it('the compose project keeps every secret in an uncommitted file', () => {
  for (const { file } of Object.values(secrets)) {
    expect(file).toMatch(/^deploy\/secrets\/\w+\.txt$/);
    expect(spawnSync('git', ['check-ignore', '--quiet', String(file)], { cwd: ROOT }).status).toBe(0);
  }
});

const isBuilt = existsSync(path.join(ROOT, 'dist', 'cli', 'main.js'));
(isBuilt ? it : it.skip).each(ours)(
  'the service %s runs an existing command (needs a build)',
  (_name, service) => {
    const [command = ''] = service.command ?? [];
    const help = spawnSync(process.execPath, ['bin/archivist.js', command, '--help'], { cwd: ROOT });
    expect(help.status).toBe(0);
    expect(help.stdout.toString()).toContain(`archivist ${command}`);
    const flags = (service.command ?? []).filter((word) => word.startsWith('--'));
    for (const flag of flags) expect(help.stdout.toString()).toContain(flag);
  },
);

it('the Dockerfile uses base images with a fixed major version', () => {
  const dockerfile = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');
  expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+-bookworm-slim$/m);
  expect(dockerfile).not.toMatch(/^FROM (?!\$\{NODE_IMAGE\})/m);
});
