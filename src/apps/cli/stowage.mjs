#!/usr/bin/env node
// `npx stowage`: finds the pinned runtime, whichever Node started this file, and runs the command line on it.
import { spawn } from 'node:child_process';
import { ensurePackages, stowageCommand } from './bootstrap.mjs';

ensurePackages();
const { program, args, env } = stowageCommand(process.argv.slice(2));
const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
