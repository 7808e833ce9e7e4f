// `npm test`: installs what is missing, builds the console, runs every test that this machine can run. Arguments go to vitest.
import path from 'node:path';
import { ensureConsole, ensurePackages, ensureServer, root, run, runtime } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
if (!process.argv.includes('--no-install')) run([path.join(root, 'tools', 'install-system-packages.sh'), 'test']);
ensureConsole();
ensureServer();
const args = process.argv.slice(2).filter((arg) => arg !== '--no-install');
run([
  runtime,
  path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  `--reporter=${path.join(root, 'tools', 'reporter.ts')}`,
  ...args,
]);
