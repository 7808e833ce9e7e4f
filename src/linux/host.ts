import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { type Mount, parseMountTable, unescapeOctal } from './mount-table.ts';

/** A loop device that has an image. */
export interface LoopDevice {
  /** `/dev/loop3`. */
  readonly path: string;
  /** `7:3`, as mountinfo names it. */
  readonly device: string;
  /** Absolute path of the image as the kernel knows it. */
  readonly image: string;
  /** The image has been removed and lives only through this device. */
  readonly isImageDeleted: boolean;
}

/** What the kernel says about mounts and loop devices at this moment. */
export interface Host {
  mounts(): Promise<readonly Mount[]>;
  loops(): Promise<readonly LoopDevice[]>;
  /** The argv of every running process. */
  commands(): Promise<readonly (readonly string[])[]>;
}

/** Block major number of loop devices (kernel Documentation/admin-guide/devices.txt). */
const LOOP_MAJOR = 7;
/** What the kernel appends to the path of a removed file (d_path). */
const DELETED = ' (deleted)';

/** The kernel of this machine, read through /proc and /sys: no process is started for a look. */
export class SystemHost implements Host {
  async mounts(): Promise<readonly Mount[]> {
    return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  }

  async loops(): Promise<readonly LoopDevice[]> {
    const loops: LoopDevice[] = [];
    for (const name of await readdir('/sys/block')) {
      if (!name.startsWith('loop')) continue;
      const image = backingFile(name);
      if (image !== undefined) loops.push(parseLoop(name, image));
    }
    return loops;
  }

  async commands(): Promise<readonly (readonly string[])[]> {
    const commands: (readonly string[])[] = [];
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // why: a process may end while it is read
      commands.push(text.split('\0'));
    }
    return commands;
  }
}

/** A device's name (`loop3`) and the text of its `backing_file`. */
export function parseLoop(name: string, backing: string): LoopDevice {
  const text = unescapeOctal(backing.trimEnd());
  const isImageDeleted = text.endsWith(DELETED);
  return {
    path: `/dev/${name}`,
    device: `${LOOP_MAJOR}:${name.slice('loop'.length)}`,
    image: isImageDeleted ? text.slice(0, -DELETED.length) : text,
    isImageDeleted,
  };
}

function backingFile(name: string): string | undefined {
  try {
    // why: synchronous, because sysfs answers from memory in microseconds and a trip through the thread pool costs ten times that per device
    return readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8');
  } catch {
    return undefined; // why: a device without an image has no such file
  }
}
