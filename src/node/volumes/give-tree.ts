import { PlatformError } from '#kit/errors.ts';
import { giveTree } from './group-tree.ts';

// why a program of its own: a tree may have millions of files, or lie on a server that does not answer. `give-tree.ts DIR GID DIRECTORY-MODE FILE-MODE`
const [top = '', ...numbers] = process.argv.slice(2);
const [gid = 0, directoryMode = 0, fileMode = 0] = numbers.map(Number);
try {
  giveTree(top, { gid, directoryMode, fileMode });
} catch (thrown) {
  process.stderr.write(PlatformError.from(thrown).message);
  process.exitCode = 1;
}
