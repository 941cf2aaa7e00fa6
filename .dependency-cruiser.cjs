// The arrows of docs/architecture.md. What is not allowed here does not get into the project.

/** A folder of src/ may import from itself, from the named folders, and from packages. */
function only(folder, allowed) {
  const folders = [folder, ...allowed].join('|');
  return {
    name: `${folder}-imports`,
    severity: 'error',
    comment: `src/${folder} imports from: ${allowed.join(', ') || 'nothing'}.`,
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: `^src/(${folders})/` },
  };
}

/** Of all of src/, only `importer` may import the code of `file`. */
function onlyFrom(file, importer) {
  return {
    name: `${file}-imported`,
    severity: 'error',
    comment: `src/${file}.ts is imported by src/${importer}.ts only.`,
    from: { path: '^src/', pathNot: `^src/${importer}[.]ts$` },
    to: { path: `^src/${file}[.]ts$`, dependencyTypesNot: ['type-only'] },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('domain', []),
    only('processes', []),
    only('workflows', ['domain', 'activities']),
    only('platform', ['domain', 'config']),
    only('store', ['domain', 'processes']),
    only('ledger', ['domain']),
    only('activities', ['domain', 'platform', 'store', 'ledger', 'config']),
    only('config', ['domain']),
    only('temporal', ['domain']),
    only('claims', ['domain', 'ledger', 'temporal']),
    only('gateway', ['domain', 'config', 'ledger', 'claims']),
    only('simulator', ['domain']),
    only('embedded', ['domain', 'ledger', 'processes']),
    only('worker', ['domain', 'config', 'temporal']),
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'src/domain is the vocabulary: it needs nothing.',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'workflows-know-activities-as-types',
      severity: 'error',
      comment: 'Workflow code may know the types of activities, never their code.',
      from: { path: '^src/workflows/' },
      to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-the-edges',
      severity: 'error',
      comment: 'Gateway, worker and cli are composed, by cli only.',
      from: { path: '^src/', pathNot: '^src/(gateway|worker|cli)/' },
      to: { path: '^src/(gateway|worker|cli)/' },
    },
    // The only way to an abandon, as in the reading order of docs/architecture.md.
    onlyFrom('platform/abandon', 'platform/create-platform'),
    onlyFrom('activities/claim/send-abandon', 'activities/claim/abandon-archive'),
    onlyFrom('activities/claim/abandon-archive', 'activities/create-activities'),
    {
      name: 'chaos-checker-is-independent',
      severity: 'error',
      comment: 'What judges the product shares no code with it.',
      from: { path: '^test/chaos/checker/' },
      to: { path: '^src/', reachable: true },
    },
    {
      name: 'no-unlisted-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
