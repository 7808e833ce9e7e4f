// Puts the command line and all that it loads into few files, in the folder that is named: Node reads a thousand small ones in a third of a start.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { root } from '../src/apps/cli/bootstrap.mjs';

const [outDir] = process.argv.slice(2);

/** What a file finds beside itself (workers, programs, the console's files) stays where the sources are. */
const places = {
  name: 'places-of-sources',
  transform(code, id) {
    if (!code.includes('import.meta.')) return null;
    return code
      .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(id)))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
  },
};

await build({
  root,
  configFile: false,
  logLevel: 'error',
  plugins: [places],
  build: {
    ssr: path.join(root, 'src', 'apps', 'cli', 'main.ts'),
    outDir,
    emptyOutDir: true,
    copyPublicDir: false,
    target: 'node24',
    minify: false,
    rolldownOptions: { output: { entryFileNames: 'main.mjs', chunkFileNames: '[name]-[hash].mjs', keepNames: true } },
  },
});
