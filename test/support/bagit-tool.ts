import { execFileSync, spawnSync } from 'node:child_process';

/** How to run the Library of Congress's own BagIt tool here; `undefined` where it is not installed. */
export const BAGIT_TOOL: readonly string[] | undefined = [
  [process.env['ARCHIVIST_TEST_BAGIT'] ?? 'bagit.py'],
  ['python3', '-m', 'bagit'],
].find(([command = '', ...args]) => spawnSync(command, [...args, '--version']).status === 0);

/** Lets the tool validate a bag. @throws where it finds it invalid */
export function validateWithBagitTool(directory: string): void {
  const [command = 'bagit.py', ...args] = BAGIT_TOOL ?? [];
  execFileSync(command, [...args, '--validate', '--quiet', directory], { stdio: 'pipe' });
}
