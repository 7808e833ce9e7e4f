// `npm start`: installs what is missing, then hands over to `stowage up` with the same flags.
import { ensureConsole, ensurePackages, ensureServer, handOver } from '../src/apps/cli/bootstrap.mjs';

ensurePackages();
ensureConsole();
ensureServer();
handOver(['up', ...process.argv.slice(2)]);
