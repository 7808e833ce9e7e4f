import { dirname } from 'node:path';
import { type Exec, isCommandFailed } from '#kit/exec.ts';
import { isPresent } from '#linux/small-files.ts';
import type { Image } from './image.ts';

/** A program of Stowage's own that containers can run. */
export interface OwnProgram {
  /** The image that has it, without a tag. */
  readonly image: string;
  /** The file that Node runs. */
  readonly entry: string;
  /** Files and directories of the sources that it needs. */
  readonly files: readonly string[];
}

/** What it calls beside Node, where the machine has it. */
const COMMANDS = ['sync', 'tar'];
const COMMAND_PLACES = ['/usr/bin', '/bin'];

/** True where the reference means the program's image, of any tag. Pure. */
export function isProgramReference({ image }: OwnProgram, reference: string): boolean {
  return reference === image || reference.startsWith(`${image}:`);
}

/**
 * The program with nothing but what it needs of this machine, each file at its own place and read-only: Node and the commands that it calls, the libraries that these are linked with, and
 * the program's own sources. `rootDir`: the directories that they are bound into.
 */
export async function programImage(
  program: OwnProgram,
  { rootDir, exec }: { readonly rootDir: string; readonly exec: Exec },
): Promise<Image> {
  const commands = await Promise.all(COMMANDS.map((name) => firstPresent(COMMAND_PLACES.map((place) => `${place}/${name}`))));
  const binaries = [process.execPath, ...commands.filter((command) => command !== undefined)];
  const libraries = (await Promise.all(binaries.map((file) => librariesOf(exec, file)))).flat();
  return {
    id: program.image,
    rootDir,
    env: [`PATH=${[...new Set(binaries.map((file) => dirname(file)))].join(':')}`],
    entrypoint: [process.execPath, program.entry],
    cmd: [],
    workingDir: '',
    user: { uid: 0, gid: 0 },
    hostPaths: [...new Set([...binaries, ...libraries, ...program.files])],
  };
}

async function firstPresent(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await isPresent(file)) return file;
  return undefined;
}

/** The libraries of a program, by the dynamic linker; none of one that is linked statically. */
async function librariesOf(exec: Exec, file: string): Promise<readonly string[]> {
  try {
    const { stdout } = await exec.run(['ldd', file]);
    return stdout.split('\n').flatMap((line) => /(?:^\s*|=> )(\/\S+) \(/.exec(line)?.[1] ?? []);
  } catch (error) {
    if (isCommandFailed(error)) return [];
    throw error;
  }
}
