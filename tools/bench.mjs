// `npm run bench`: prints figures and ratios; arguments choose benchmarks by name (bench/main.ts lists them).
import path from 'node:path';
import { ensureConsole, ensurePackages, ensureServer, root, run, runtime } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
ensureConsole();
ensureServer();
run([runtime, path.join(root, 'bench', 'main.ts'), ...process.argv.slice(2)]);
