// `npm start`: installs what is missing, then hands over to `stowage up` with the same flags.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensureConsole, ensurePackages, root, runtime } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
ensureConsole();
const child = spawn(runtime, [path.join(root, 'src', 'apps', 'cli', 'main.ts'), 'up', ...process.argv.slice(2)], { stdio: 'inherit' });
// why: a terminal sends Ctrl-C to the whole group, so the child has it already; a signal sent to this process alone is passed on
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
