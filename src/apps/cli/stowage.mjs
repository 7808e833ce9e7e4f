#!/usr/bin/env node
// `npx stowage`: finds the pinned runtime, whichever Node started this file, and runs the command line on it.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensurePackages, root, runtime } from './bootstrap.mjs';

ensurePackages();
const child = spawn(runtime, [path.join(root, 'src', 'apps', 'cli', 'main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
