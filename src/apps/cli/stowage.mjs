#!/usr/bin/env node
// `npx stowage`: finds the pinned runtime, whichever Node started this file, and runs the command line on it.
import { ensurePackages, handOver } from './bootstrap.mjs';

ensurePackages();
handOver(process.argv.slice(2));
