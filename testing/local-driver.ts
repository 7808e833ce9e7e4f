import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalDriver, type LocalDriver } from '#drivers/local/driver.ts';
import { type Host, SystemHost } from '#linux/host.ts';
import { type Machine, observeMachine } from '#drivers/local/machine.ts';
import { isInside } from '#linux/mount-table.ts';
import { ensurePool, type Pool } from '#drivers/local/pool.ts';
import { SystemClock } from '#kit/clock.ts';
import { type Exec, SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { eventually } from './eventually.ts';

/** How long the devices of a pool may take to go at the end of a test. */
const DETACH_WAIT_MS = 10_000;

/** A driver on a pool of its own in a temporary directory, on this machine for real. */
export interface DriverFixture {
  readonly dir: string;
  readonly pool: Pool;
  readonly machine: Machine;
  readonly driver: LocalDriver;
  readonly host: Host;
  /** Another driver on the same pool, as after a restart; not yet recovered. */
  restart(exec?: Exec): LocalDriver;
  /** Takes down everything that is mounted under the directory, and removes it. */
  dispose(): Promise<void>;
}

/** What tests that mount need and this machine lacks, with the command that lifts it; undefined where they can run. */
export async function missingForMounts(): Promise<string | undefined> {
  const { loopDevices } = await observeMachine();
  if (!loopDevices.isPossible) return `root, because ${loopDevices.missing}: sudo npm test`;
  for (const [program, tools] of [
    ['mkfs.xfs', 'xfsprogs'],
    ['mkfs.ext4', 'e2fsprogs'],
  ] as const) {
    const isThere = await new SystemExec().run([program, '-V']).then(
      () => true,
      () => false,
    );
    if (!isThere) return `${tools}: apt-get install ${tools}`;
  }
  return undefined;
}

/** The mark at the end of a suite's name that the report of skipped tests reads. */
export function needsMark(missing: string | undefined): string {
  return missing === undefined ? '' : ` [needs ${missing}]`;
}

/** A machine on which this process may not mount. */
export const ROOTLESS: Machine = {
  mounting: { isPossible: false, missing: 'this process may not mount (CAP_SYS_ADMIN is missing)' },
  loopDevices: { isPossible: false, missing: 'this process may not mount (CAP_SYS_ADMIN is missing)' },
  fileSystem: 'ext4',
};

/** Starts the driver and recovers it. */
export async function startDriver(options: { readonly sizeBytes?: bigint; readonly machine?: Machine } = {}): Promise<DriverFixture> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'local-driver-')));
  const machine = options.machine ?? (await observeMachine());
  const exec = new SystemExec();
  const host = new SystemHost();
  await mkdir(join(dir, 'pool'));
  const pool = await ensurePool({
    dir: join(dir, 'pool'),
    sizeBytes: options.sizeBytes ?? 2n << 30n,
    machine,
    exec,
    log: silentLogger,
    host,
  });
  const restart = (otherExec: Exec = exec): LocalDriver =>
    createLocalDriver({
      pool,
      nodeName: 'node-1',
      version: '0.0.0-test',
      machine,
      exec: otherExec,
      log: silentLogger,
      clock: new SystemClock(),
      ids: new SystemIds(),
      host,
    });
  const driver = restart();
  await driver.recover();
  return { dir, pool, machine, driver, host, restart, dispose: () => dispose(dir, { exec, host }) };
}

async function dispose(dir: string, { exec, host }: { readonly exec: Exec; readonly host: Host }): Promise<void> {
  const mountPoints = (await host.mounts()).filter((entry) => isInside(entry.mountPoint, dir)).map((entry) => entry.mountPoint);
  const poolMount = join(dir, 'pool', 'mnt');
  for (const mountPoint of mountPoints.toReversed().filter((path) => path !== poolMount)) await exec.run(['umount', mountPoint]);
  const loops = async (): Promise<readonly string[]> =>
    (await host.loops()).filter(({ image }) => isInside(image, poolMount)).map((loop) => loop.path);
  // why also 1: one that was still in use when it was detached goes by itself meanwhile
  for (const path of await loops()) await exec.run(['losetup', '--detach', path], { okCodes: [0, 1] });
  // why: who has just copied the machine's mounts (a container that starts, a test that runs beside) holds devices until it lets go of them
  await eventually(async () => {
    const held = await loops();
    if (held.length > 0) throw new Error(`${held.join(', ')} of ${poolMount} are still held`);
  }, DETACH_WAIT_MS);
  if (mountPoints.includes(poolMount)) await exec.run(['umount', poolMount]);
  // why: never remove through a mount that did not go
  if ((await host.mounts()).some((entry) => isInside(entry.mountPoint, dir))) throw new Error(`mounts are left under ${dir}`);
  await rm(dir, { recursive: true });
}
