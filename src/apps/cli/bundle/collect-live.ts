import { existsSync } from 'node:fs';
import { PlatformError } from '#kit/errors.ts';
import { HttpsTransport } from '#machinery/client/https-transport.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import type { BundleFile } from './collect-objects.ts';

/** How long a platform that hangs may hold up a bundle, per question. */
const TIMEOUT_MS = 5_000;
const QUESTIONS = [
  { path: '/version', name: 'live/version.json' },
  { path: '/readyz?verbose', name: 'live/readyz.txt' },
  { path: '/livez?verbose', name: 'live/livez.txt' },
  { path: '/metrics', name: 'live/metrics.txt' },
  { path: '/apis', name: 'live/apis.json' },
] as const;

/** What the running platform answers; one file that says so where it is not running. */
export async function liveFiles(kubeconfig: string, userAgent: string): Promise<readonly BundleFile[]> {
  if (!existsSync(kubeconfig)) return [notRunning(`${kubeconfig} is not there: the platform never ran here`)];
  const transport = new HttpsTransport(await loadKubeconfig(kubeconfig), userAgent);
  try {
    const files: BundleFile[] = [];
    for (const { path, name } of QUESTIONS) files.push({ name, content: await ask(transport, path) });
    return files;
  } catch (thrown) {
    return [notRunning(PlatformError.from(thrown).message)];
  } finally {
    transport.close();
  }
}

function notRunning(why: string): BundleFile {
  return { name: 'live/not-running.txt', content: `${why}\n` };
}

async function ask(transport: HttpsTransport, path: string): Promise<string> {
  const { body } = await transport.open({ method: 'GET', path, mode: 'call', signal: AbortSignal.timeout(TIMEOUT_MS) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
