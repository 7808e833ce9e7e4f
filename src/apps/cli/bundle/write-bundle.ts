import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import { liveFiles } from './collect-live.ts';
import { logFiles } from './collect-logs.ts';
import { machineFiles } from './collect-machine.ts';
import { type BundleFile, findSecrets, objectFiles } from './collect-objects.ts';
import { Scrubber } from './scrubber.ts';
import { TarGzip } from './tar-gzip.ts';

/** What a bundle is made of. */
export interface BundleOptions {
  readonly dataDir: string;
  /** The `.tar.gz` to write. */
  readonly output: string;
  readonly version: string;
  readonly nowMs: number;
  readonly exec: Exec;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What was written. */
export interface WrittenBundle {
  readonly files: number;
  readonly sizeBytes: number;
}

/** There is nothing to make a bundle of, or it can't be written. */
export class BundleRefused extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'BundleRefused', message, cause });
  }
}

/**
 * Writes everything that helps to understand a platform into one archive, whether it runs or not, without any secret: what secrets hold is found first,
 * and taken out of every file. A part that can't be had is told in `problems.txt`.
 * @throws BundleRefused
 */
export async function writeBundle(options: BundleOptions): Promise<WrittenBundle> {
  const { dataDir, output, nowMs } = options;
  if (!existsSync(path.join(dataDir, 'logs')))
    throw new BundleRefused(`${dataDir} holds no platform: name its data directory with --data-dir`);
  const archive = new TarGzip(output, nowMs / 1_000);
  try {
    await archive.opened();
    const files = await new Bundle(options, archive).write();
    await archive.close();
    return { files, sizeBytes: statSync(output).size };
  } catch (thrown) {
    await archive.abandon();
    if (options.signal.aborted) throw new BundleRefused('the bundle was given up, nothing was written', thrown);
    throw new BundleRefused(
      `the bundle ${output} can't be written: ${PlatformError.from(thrown).message}: choose another place with --output`,
      thrown,
    );
  }
}

class Bundle {
  readonly #options: BundleOptions;
  readonly #archive: TarGzip;
  readonly #scrubber = new Scrubber();
  readonly #problems: string[] = [];
  #files = 0;

  constructor(options: BundleOptions, archive: TarGzip) {
    this.#options = options;
    this.#archive = archive;
  }

  async write(): Promise<number> {
    const { dataDir, version, nowMs, exec } = this.#options;
    const store = path.join(dataDir, 'store');
    await this.#part('looking for secrets', () => {
      this.#hideFiles(dataDir);
      findSecrets(store, this.#scrubber);
    });
    // why not without: a value that was not found could not be taken out
    if (this.#problems.length === 0) await this.#part('objects', () => this.#addEach(objectFiles(store)));
    await this.#part('logs', () => this.#addEach(logFiles(path.join(dataDir, 'logs'))));
    await this.#part('health and metrics', async () =>
      this.#addEach(await liveFiles(path.join(dataDir, 'kubeconfig'), `stowage-bundle/${version}`)),
    );
    await this.#part('machine', async () => this.#addEach(await machineFiles(dataDir, exec)));
    const settings = path.join(dataDir, 'logs', 'settings.txt');
    if (existsSync(settings))
      await this.#part('settings', () => this.#add({ name: 'settings.txt', content: readFileSync(settings, 'utf8') }));
    const about = { stowage: version, node: process.version, platform: process.platform, made: new Date(nowMs).toISOString(), dataDir };
    await this.#add({ name: 'about.json', content: `${JSON.stringify(about, undefined, 2)}\n` });
    if (this.#problems.length > 0) await this.#add({ name: 'problems.txt', content: `${this.#problems.join('\n')}\n` });
    return this.#files;
  }

  /** Does one part; where it fails the others still help. Objects are left out where their secrets could not be found. */
  async #part(name: string, work: () => Promise<void> | void): Promise<void> {
    const { print, signal } = this.#options;
    signal.throwIfAborted();
    print(`  ${name} ...`);
    try {
      await work();
    } catch (thrown) {
      const problem = `${name}: ${PlatformError.from(thrown).message}`;
      this.#problems.push(problem);
      print(`  ${problem}`);
    }
  }

  /** Credentials that lie in files: the administrator's token, private keys. */
  #hideFiles(dataDir: string): void {
    const pki = path.join(dataDir, 'pki');
    const keys = existsSync(pki) ? readdirSync(pki).map((name) => path.join(pki, name)) : [];
    for (const file of [path.join(dataDir, 'admin.token'), ...keys]) {
      if (!existsSync(file) || !statSync(file).isFile()) continue;
      const text = readFileSync(file, 'utf8');
      const blocks = text.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END/g) ?? (text.includes('-----BEGIN') ? [] : [text]);
      for (const block of blocks) this.#scrubber.hide(block);
    }
  }

  async #addEach(files: Iterable<BundleFile>): Promise<void> {
    for (const file of files) {
      this.#options.signal.throwIfAborted();
      await this.#add(file);
    }
  }

  async #add({ name, content }: BundleFile): Promise<void> {
    await this.#archive.add(`stowage-bundle/${name}`, this.#scrubber.scrub(content));
    this.#files += 1;
  }
}
