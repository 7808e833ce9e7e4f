// `npm start`: installs what is missing, then hands over to `stowage up` with the same flags.
import { spawn } from 'node:child_process';
import { ensureConsole, ensurePackages, stowageCommand } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
ensureConsole();
const { program, args, env } = stowageCommand(['up', ...process.argv.slice(2)]);
const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
// why: a terminal sends Ctrl-C to the whole group, so the child has it already; a signal sent to this process alone is passed on
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
