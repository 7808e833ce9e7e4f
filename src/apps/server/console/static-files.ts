import { words } from '#api/explanation.ts';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ConsoleRequestRefused } from './errors.ts';
import { type Answer, type ConsoleRequest, headerOf } from './http.ts';
import { pagePolicy } from './security-headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};
const COMPRESSED: ReadonlySet<string> = new Set(['.html', '.js', '.css', '.svg', '.json']);
/** What vite.config.ts writes where the page's nonce belongs. */
const NONCE_MARK = 'stowage-nonce';
const compress = promisify(gzip);

interface LoadedFile {
  readonly body: Buffer;
  readonly gzipped: Buffer | undefined;
  readonly etag: string;
  readonly type: string;
}

interface Tree {
  /** Changes with every build. */
  readonly builtAtMs: number;
  readonly names: ReadonlySet<string>;
  /** Filled as files are asked for; bounded by the build's size. */
  readonly loaded: Map<string, LoadedFile>;
}

/** The built console. Only names found in the build's folder are ever opened, so no path can lead out of it. */
export class StaticFiles {
  readonly #dir: string;
  #tree: Tree | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Answers for `name` below the console's base path; names without an extension are pages.
   * @throws ConsoleRequestRefused `ConsoleNotBuilt` or `PageUnknown`
   */
  async answer(request: ConsoleRequest, name: string): Promise<Answer> {
    if (extname(name) === '' || name === 'index.html') return this.#page();
    const tree = this.#tree ?? (await this.#scan());
    if (!tree.names.has(name)) throw new ConsoleRequestRefused('PageUnknown', words('noSuchFile', { name: JSON.stringify(name) }));
    const file = await this.#load(tree, name);
    const caching = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    const headers = { 'content-type': file.type, etag: file.etag, 'cache-control': caching, vary: 'accept-encoding' };
    if (headerOf(request, 'if-none-match') === file.etag) return { status: 304, headers };
    if (file.gzipped === undefined || !acceptsGzip(request)) return { status: 200, headers, body: file.body };
    return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: file.gzipped };
  }

  async #page(): Promise<Answer> {
    const tree = await this.#scan();
    const file = await this.#load(tree, 'index.html');
    const nonce = randomBytes(16).toString('base64url');
    const body = file.body.toString('utf8').replaceAll(NONCE_MARK, nonce);
    return {
      status: 200,
      headers: { 'content-type': file.type, 'cache-control': 'no-store', 'content-security-policy': pagePolicy(nonce) },
      body,
    };
  }

  /** Reads the folder's names again where a new build has replaced the page. */
  async #scan(): Promise<Tree> {
    const builtAtMs = await stat(join(this.#dir, 'index.html')).then(
      (info) => info.mtimeMs,
      () => undefined,
    );
    if (builtAtMs === undefined) {
      throw new ConsoleRequestRefused('ConsoleNotBuilt', words('consoleNotBuilt', { dir: this.#dir }));
    }
    if (this.#tree?.builtAtMs === builtAtMs) return this.#tree;
    const entries = await readdir(this.#dir, { recursive: true, withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(this.#dir.length + 1));
    this.#tree = { builtAtMs, names: new Set(names), loaded: new Map() };
    return this.#tree;
  }

  async #load(tree: Tree, name: string): Promise<LoadedFile> {
    const known = tree.loaded.get(name);
    if (known !== undefined) return known;
    const body = await readFile(join(this.#dir, name));
    const extension = extname(name);
    const file: LoadedFile = {
      body,
      gzipped: COMPRESSED.has(extension) ? await compress(body) : undefined,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
      type: TYPES[extension] ?? 'application/octet-stream',
    };
    tree.loaded.set(name, file);
    return file;
  }
}

function acceptsGzip(request: ConsoleRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(headerOf(request, 'accept-encoding') ?? '');
}
