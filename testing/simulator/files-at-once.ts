import fs, { constants } from 'node:fs';

/**
 * Stands for `node:fs/promises` under the simulated nodes: the real files, but each call is done before it is answered. Which of several calls the system
 * would have ended first is no longer chance, and a run from a seed is the same each time.
 */
export { constants };
export { appendFile, copyFile, mkdtemp, open, statfs, utimes } from 'node:fs/promises';

export async function access(path: fs.PathLike, mode?: number): Promise<void> {
  fs.accessSync(path, mode);
}

export async function chmod(path: fs.PathLike, mode: fs.Mode): Promise<void> {
  fs.chmodSync(path, mode);
}

export async function chown(path: fs.PathLike, ...owner: readonly [number, number]): Promise<void> {
  fs.chownSync(path, ...owner);
}

export async function lstat(path: fs.PathLike): Promise<fs.Stats> {
  return fs.lstatSync(path);
}

export async function mkdir(path: fs.PathLike, options?: fs.MakeDirectoryOptions): Promise<string | undefined> {
  return fs.mkdirSync(path, options);
}

/** In order of names: what a file system answers depends on its kind. */
export async function readdir(path: fs.PathLike): Promise<string[]> {
  return fs.readdirSync(path).toSorted();
}

export async function readFile(path: fs.PathLike, encoding: BufferEncoding = 'utf8'): Promise<string> {
  return fs.readFileSync(path, encoding);
}

export async function readlink(path: fs.PathLike): Promise<string> {
  return fs.readlinkSync(path);
}

export async function realpath(path: fs.PathLike): Promise<string> {
  return fs.realpathSync(path);
}

export async function rename(from: fs.PathLike, to: fs.PathLike): Promise<void> {
  fs.renameSync(from, to);
}

export async function rm(path: fs.PathLike, options?: fs.RmOptions): Promise<void> {
  fs.rmSync(path, options);
}

export async function rmdir(path: fs.PathLike): Promise<void> {
  fs.rmdirSync(path);
}

export async function stat(path: fs.PathLike): Promise<fs.Stats> {
  return fs.statSync(path);
}

export async function symlink(target: string, path: fs.PathLike): Promise<void> {
  fs.symlinkSync(target, path);
}

export async function writeFile(path: fs.PathLike, text: string, options?: fs.WriteFileOptions): Promise<void> {
  fs.writeFileSync(path, text, options);
}
