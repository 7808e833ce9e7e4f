import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';

/** What users and the kubelet do below the paths of a driver's machine. */
export interface ContractFiles {
  /** Makes a directory, with those above it. */
  makeDir(path: string): Promise<void>;
  /** @throws with the code `EROFS` where that is mounted to be read only */
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Names in a directory. */
  list(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** How many mounts lie on a path, one over the other. */
  mountsAt(path: string): Promise<number>;
}

/** The files of this machine. */
export const realFiles: ContractFiles = {
  makeDir: async (path) => void (await mkdir(path, { recursive: true })),
  write: (path, text) => writeFile(path, text),
  read: (path) => readFile(path, 'utf8'),
  list: (path) => readdir(path),
  exists: (path) =>
    stat(path).then(
      () => true,
      () => false,
    ),
  mountsAt: async (path) => (await readFile('/proc/self/mountinfo', 'utf8')).split(`${path} `).length - 1,
};
