// `npm start`: installs what is missing, then hands over to `stowage up` with the same flags.
import { ensureConsole, ensurePackages, handOver } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
ensureConsole();
handOver(['up', ...process.argv.slice(2)]);
