// `npm run dev`: a platform with data, and the console beside it from its sources: what is saved is seen at once. Flags go to the platform (`-- --nodes 2`).
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'vite';
import { root, runtime } from '../src/apps/cli/bootstrap.mjs';

/** Where the platform of `npm run dev` keeps its data, unless a flag says otherwise. */
const DATA = path.join(root, '.cache', 'dev');
const flags = process.argv.slice(2);
const where = flags.some((flag) => flag.startsWith('--data-dir')) ? [] : ['--data-dir', DATA];
const port = flags.some((flag) => flag.startsWith('--port')) ? [] : ['--port', '0'];

const platform = spawn(runtime, [path.join(root, 'tools', 'start.mjs'), ...where, ...port, ...flags], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => platform.kill(signal));
platform.on('exit', (code) => process.exit(code ?? 1));

let signIn = '';
for await (const line of createInterface({ input: platform.stdout })) {
  console.log(line);
  signIn = /sign in +(\S+)/.exec(line)?.[1] ?? signIn;
  if (line === 'ready') await serveConsole(new URL(signIn));
}

/** Vite on a port of its own; what is not the console's sources is the platform's. The browser's address is kept, so that the gateway sees one origin. */
async function serveConsole({ origin, hash }) {
  const server = await createServer({
    configFile: path.join(root, 'vite.config.ts'),
    server: { proxy: { '/console/api': { target: origin, ws: true } } },
  });
  await server.listen();
  const [address = ''] = server.resolvedUrls?.local ?? [];
  console.log(`\nconsole from its sources: ${address}${hash}`);
}
