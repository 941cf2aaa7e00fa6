#!/usr/bin/env node
const needed = require('../package.json').engines.node.replace('>=', '');
const running = process.versions.node;
if (running.localeCompare(needed, 'en', { numeric: true }) < 0) {
  console.error(`archivist: Node.js ${needed} or newer is needed; this is ${running}.`);
  process.exit(2);
}
require('../dist/cli/main.js').main(process.argv);
