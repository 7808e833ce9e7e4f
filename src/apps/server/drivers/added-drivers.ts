import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';

/** A driver that somebody added by its socket. */
export interface AddedDriver {
  readonly name: string;
  /** Absolute. */
  readonly socketPath: string;
}

const SUFFIX = '.json';

/** The drivers that `stowage driver add` wrote into `folder`; one file each. A file that can't be read is left out and told to `onFault`. */
export async function readAddedDrivers(
  folder: string,
  onFault: (file: string, error: PlatformError) => void,
): Promise<readonly AddedDriver[]> {
  const drivers: AddedDriver[] = [];
  for (const file of await namesIn(folder)) {
    if (!file.endsWith(SUFFIX)) continue;
    try {
      const content: unknown = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
      const socketPath = isRecord(content) ? content['socket'] : undefined;
      if (typeof socketPath !== 'string' || !path.isAbsolute(socketPath)) throw new TypeError('socket must be an absolute path');
      drivers.push({ name: file.slice(0, -SUFFIX.length), socketPath });
    } catch (thrown) {
      onFault(file, PlatformError.from(thrown));
    }
  }
  return drivers;
}

/** Notes a driver, as a whole or not at all. */
export async function writeAddedDriver(folder: string, { name, socketPath }: AddedDriver): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${name}${SUFFIX}`);
  await writeFile(`${file}.tmp`, `${JSON.stringify({ socket: socketPath })}\n`, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}

/** Forgets a driver; answers whether it was there. */
export async function removeAddedDriver(folder: string, name: string): Promise<boolean> {
  const file = `${name}${SUFFIX}`;
  if (!(await namesIn(folder)).includes(file)) return false;
  await rm(path.join(folder, file), { force: true });
  return true;
}

/** Names inside a folder; none where it does not exist. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (isRecord(thrown) && thrown['code'] === 'ENOENT') return [];
    throw thrown;
  }
}
