import path from 'node:path';
import { LockedController, LockedNode } from '#protocols/csi/locked-services.ts';
import { UnimplementedGroupController, UnimplementedSnapshotMetadata } from '#protocols/csi/unimplemented.ts';
import { VolumeLocks } from '#protocols/csi/volume-locks.ts';
import type { ContractFiles } from '../conformance/csi/contract-files.ts';
import { type ContractSubject, describeCsiContract } from '../conformance/csi/contract.ts';
import { SimController, type SimDriverOptions, simIdentity, SimNodeService } from './sim-driver.ts';
import { SimMachine } from './sim-machine.ts';
import { SimPool } from './sim-pool.ts';

const MIB = 1024n ** 2n;
const volumeIdOf = (name: string): string => `vol-${name}`;

/** Files in the volumes that are mounted on a simulated machine. */
function filesOf(machine: SimMachine): ContractFiles {
  const mountOf = (file: string) => machine.mounts.get(path.dirname(file));
  return {
    makeDir: async () => {},
    write: async (file, text) => {
      const mount = mountOf(file);
      if (mount?.isReadOnly !== false) throw Object.assign(new TypeError(`${file}: read-only`), { code: 'EROFS' });
      mount.files.set(path.basename(file), text);
    },
    read: async (file) => mountOf(file)?.files.get(path.basename(file)) ?? '',
    list: async (directory) => [...(machine.mounts.get(directory)?.files.keys() ?? [])],
    exists: async (directory) => machine.mounts.has(directory),
    mountsAt: async (directory) => [...machine.mounts.keys()].filter((each) => each === directory).length,
  };
}

async function start(): Promise<ContractSubject> {
  const machine = new SimMachine('one');
  let serial = 0;
  const listener = { onMake: () => (serial += 1), onDelete: () => {}, onMisuse: () => {} };
  const pool = new SimPool({ driverName: 'fake.simulation.test', sizeBytes: 4096n * MIB, volumeIdOf, listener });
  const machines = new Map([[machine.nodeName, machine]]);
  // why a moment: calls of the same volume are to wait for each other
  const takeAMoment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const options: SimDriverOptions = { pool, segments: { node: machine.nodeName }, machines, takeAMoment };
  const locks = new VolumeLocks();
  const client = {
    identity: simIdentity(options),
    controller: new LockedController(new SimController(options), locks, { volumeIdOf, snapshotIdOf: volumeIdOf }),
    node: new LockedNode(new SimNodeService(options, machine), locks),
    groupController: new UnimplementedGroupController(),
    snapshotMetadata: new UnimplementedSnapshotMetadata(),
    close: () => {},
  };
  return { client, dir: '/machine', files: filesOf(machine), stop: async () => {} };
}

describeCsiContract({ name: 'the driver of the simulator', skip: undefined, parameters: { type: 'file' }, start });
