import { mkdirSync, rmSync } from 'node:fs';
import type { Exec, ExecResult } from '#kit/exec.ts';
import { Mounter } from '#linux/mounter.ts';
import type { Mount } from '#linux/mount-table.ts';

/** A place where a driver mounted a volume. */
export interface SimMount {
  readonly driver: string;
  readonly volumeId: string;
  readonly role: 'staged' | 'published';
  readonly isReadOnly: boolean;
  /** What is written in the volume, by file. */
  readonly files: Map<string, string>;
}

const DONE: ExecResult = { stdout: '', stderr: '', exitCode: 0 };

/** A machine's mounts, which outlive its processes. */
export class SimMachine {
  readonly nodeName: string;
  #boots = 1;
  readonly mounts = new Map<string, SimMount>();
  /** What the node runs programs with: it only ever unmounts. */
  readonly exec: Exec = { run: (argv) => Promise.resolve(this.#run(argv)) };

  constructor(nodeName: string) {
    this.nodeName = nodeName;
  }

  mount(path: string, mount: SimMount): void {
    mkdirSync(path, { recursive: true });
    this.mounts.set(path, mount);
  }

  unmount(path: string): void {
    this.mounts.delete(path);
    rmSync(path, { recursive: true, force: true });
  }

  /** As after its power came back: nothing is mounted. */
  reboot(): void {
    this.mounts.clear();
    this.#boots += 1;
  }

  get bootId(): string {
    return `boot-${this.#boots}`;
  }

  /** A pod writes a file into each volume that it has; answers those volumes. */
  write(podUid: string, file: string): readonly SimMount[] {
    const own = [...this.mounts].flatMap(([path, mount]) => (mount.role === 'published' && path.includes(podUid) ? [mount] : []));
    const written = own.filter(({ isReadOnly }) => !isReadOnly);
    for (const { files } of written) files.set(file, podUid);
    return written;
  }

  table(): readonly Mount[] {
    return [...this.mounts].map(([mountPoint, { volumeId, isReadOnly }]) => ({
      device: '0:1',
      root: '/',
      mountPoint,
      isReadOnly,
      refusesWrites: false,
      fsType: 'ext4',
      source: volumeId,
      superOptions: 'rw',
      propagation: 'private',
    }));
  }

  #run(argv: readonly string[]): ExecResult {
    const [program, path = ''] = argv;
    if (program !== 'umount') throw new TypeError(`${argv.join(' ')} is not simulated`);
    this.mounts.delete(path);
    return DONE;
  }
}

/** Mounts and unmounts on a simulated machine. */
export class SimMounter extends Mounter {
  readonly #machine: SimMachine;

  constructor(machine: SimMachine) {
    super(machine.exec);
    this.#machine = machine;
  }

  override table(): Promise<readonly Mount[]> {
    return Promise.resolve(this.#machine.table());
  }
}
