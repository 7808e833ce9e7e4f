import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlatformError } from '#kit/errors.ts';

/** Where everything of one platform lies. */
export interface DataDirectory {
  readonly root: string;
  /** The API objects. */
  readonly store: string;
  readonly pki: string;
  readonly kubeconfig: string;
  readonly adminToken: string;
  /** Who is signed in at the console, sealed. */
  readonly sessions: string;
  readonly log: string;
  readonly auditLog: string;
  /** Drivers of other vendors that were added by their sockets. */
  readonly drivers: string;
  /** What the last start ran with, for the support bundle. */
  readonly settings: string;
  /** One folder per embedded node. */
  readonly nodes: string;
  /** One pool per embedded node. */
  readonly pools: string;
  /** Sockets and run-time state: short paths, gone after a reboot. */
  readonly runtime: string;
}

/** The data directory can't be used. */
export class DataDirectoryRefused extends PlatformError {
  constructor(directory: string, cause: unknown, fault?: string) {
    const remedy = `choose another with --data-dir, or give it to this user`;
    super({
      code: 'PermissionDenied',
      reason: 'DataDirectoryRefused',
      message: fault ?? `the data directory ${directory} can't be written (${PlatformError.from(cause).message}): ${remedy}`,
      details: { directory },
      cause,
    });
  }
}

/** The data directory is somebody else's. */
class DataDirectoryForeign extends DataDirectoryRefused {
  constructor(directory: string, names: string) {
    super(
      directory,
      undefined,
      `${directory} holds files that are not of a platform (${names}): nothing was touched; name an empty or a new folder with --data-dir`,
    );
  }
}

/** Characters of the hash that tells two data directories apart in names outside of them. */
const HASH_LENGTH = 12;

/** What lies at the top of a data directory; a file system of its own has `lost+found` too. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'admin.token',
  'console-sessions.json',
  'drivers',
  'kubeconfig',
  'logs',
  'lost+found',
  'nodes',
  'pki',
  'plugins_registry',
  'pools',
  'store',
]);
/** How many of somebody else's files a refusal names. */
const NAMED_FILES = 5;

/** The parts of the data directory at `root`, there or not. */
export function dataDirectoryAt(root: string): DataDirectory {
  const identity = createHash('sha256').update(root).digest('hex').slice(0, HASH_LENGTH);
  return {
    root,
    store: path.join(root, 'store'),
    pki: path.join(root, 'pki'),
    kubeconfig: path.join(root, 'kubeconfig'),
    adminToken: path.join(root, 'admin.token'),
    sessions: path.join(root, 'console-sessions.json'),
    log: path.join(root, 'logs', 'stowage.log'),
    settings: path.join(root, 'logs', 'settings.txt'),
    auditLog: path.join(root, 'logs', 'audit.log'),
    drivers: path.join(root, 'drivers'),
    nodes: path.join(root, 'nodes'),
    pools: path.join(root, 'pools'),
    // why: a unix socket's path may have 107 characters (unix(7)), and a data directory may be deep
    runtime: path.join(process.getuid?.() === 0 ? '/run' : tmpdir(), `stowage-${identity}`),
  };
}

/** Makes the data directory (mode 0700) where it is missing, and names its parts. One with somebody else's files is left as it is. @throws DataDirectoryRefused */
export function ensureDataDirectory(root: string): DataDirectory {
  const directory = dataDirectoryAt(root);
  try {
    refuseForeignFiles(directory);
    for (const folder of [root, path.join(root, 'logs'), directory.runtime]) makeDirectory(folder);
    accessSync(root, constants.W_OK);
  } catch (error) {
    throw error instanceof DataDirectoryRefused ? error : new DataDirectoryRefused(root, error);
  }
  return directory;
}

/** True where a platform ran in this data directory. */
export function holdsPlatform({ store }: DataDirectory): boolean {
  return existsSync(store);
}

function refuseForeignFiles(directory: DataDirectory): void {
  const { root } = directory;
  if (!existsSync(root) || holdsPlatform(directory)) return;
  const foreign = readdirSync(root).filter((name) => !OWN_NAMES.has(name));
  if (foreign.length === 0) return;
  const more = foreign.length > NAMED_FILES ? ` and ${foreign.length - NAMED_FILES} more` : '';
  throw new DataDirectoryForeign(root, `${foreign.slice(0, NAMED_FILES).join(', ')}${more}`);
}

/** Level by level: a recursive mkdir of Node never ends below /proc, where making a directory answers ENOENT. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

/** Removes what is empty of the runtime directory: after a clean stop nothing is left of it. */
export function removeEmptyRuntime({ runtime }: DataDirectory): void {
  const below = existsSync(runtime) ? readdirSync(runtime, { recursive: true, encoding: 'utf8' }) : [];
  // why sorted by length: what is inside goes before what holds it
  for (const name of below.toSorted((a, b) => b.length - a.length)) removeIfEmpty(path.join(runtime, name));
  removeIfEmpty(runtime);
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // why: a file, or something is still in it: it is needed at the next start
  }
}
