import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SystemExec } from '#kit/exec.ts';
import { fetchOnce } from './fetch-once.ts';

const PROGRAMS = path.join(import.meta.dirname, '..', 'programs');
/** Compiling the client libraries of Kubernetes takes more than a minute on two cores. */
const BUILD_TIMEOUT_MS = 600_000;

/** The path of the Go program `testing/programs/NAME`, built into `.cache/` when its sources change. */
export async function ensureGoProgram(name: string): Promise<string> {
  const sources = path.join(PROGRAMS, name);
  const hash = createHash('sha256');
  for (const file of readdirSync(sources).toSorted()) hash.update(readFileSync(path.join(sources, file)));
  const folder = await fetchOnce(`${name}-${hash.digest('hex').slice(0, 12)}`, async (into) => {
    await new SystemExec().run(['go', 'build', '-o', path.join(into, name), '.'], { cwd: sources, timeoutMs: BUILD_TIMEOUT_MS });
  });
  return path.join(folder, name);
}
