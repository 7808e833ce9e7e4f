// `npm run conformance [-- FOCUS]`: the Kubernetes project's own tests as judges; `-- --help` tells more.
import path from 'node:path';
import { ensureConsole, ensurePackages, ensureServer, root, run, runtime } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
ensureConsole();
ensureServer();
run([runtime, path.join(root, 'testing', 'conformance', 'kubernetes', 'main.ts'), ...process.argv.slice(2)]);
