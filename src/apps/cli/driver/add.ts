import path from 'node:path';
import type { ConfigSchema } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { dataDirSetting } from '../../server/data-dir-setting.ts';
import { writeAddedDriver } from '../../server/drivers/added-drivers.ts';
import { addedDriversDir } from '../../server/drivers/driver-places.ts';
import { DriverRefused, inspectDriver } from '../../server/drivers/inspect-driver.ts';
import { loadModules, type ModuleManifest } from '../../server/modules/manifest.ts';
import { defineCommand } from '../define-command.ts';
import { type AnyCommand, NO_WORDS } from '../verb.ts';
import { nodeSetting, refuseUnknownNode } from './node-setting.ts';

const flags = {
  dataDir: dataDirSetting,
  node: nodeSetting,
  socket: {
    flag: 'socket',
    env: 'STOWAGE_DRIVER_SOCKET',
    default: '',
    placeholder: 'PATH',
    doc: 'unix socket on which the driver serves CSI',
    parse: (text: string) => path.resolve(text),
  },
} as const satisfies ConfigSchema;

/** `stowage driver add`: the names of the modules' own drivers are taken. */
export function addBeside(modules: readonly ModuleManifest[]): AnyCommand {
  return defineCommand({
    about: `Takes the CSI driver of another vendor into use, at once where the platform runs, else at its next start. Pods can use its volumes on the node that is named;
for further nodes (stowage up --nodes N) add a socket for each. Its controller is asked once, at the first of its sockets that serves one: by the nodes' numbers.

Drivers that register themselves as with a kubelet put their socket into the folder of the flag --plugins-registry of stowage up;
for node-2 and on into the folder of that name in it.`,
    examples: [
      ['stowage driver add --socket /run/vendor/csi.sock', 'use the driver on the first node'],
      ['stowage driver add --socket /run/vendor-2/csi.sock --node node-2', 'and on the second'],
    ],
    flags,
    words: NO_WORDS,
    run: async ({ print }, { config: { socket, node, dataDir } }) => {
      refuseUnknownNode(node);
      if (socket === '')
        throw new PlatformError({
          code: 'InvalidArgument',
          reason: 'ConfigInvalid',
          message: '--socket PATH is needed: the unix socket of the driver',
        });
      const { client, facts } = await inspectDriver(socket);
      client.close();
      if ((await loadModules(modules)).some(({ driver }) => driver?.driverName === facts.name))
        throw new DriverRefused(socket, `calls itself ${facts.name}, which is the name of the platform's own driver`);
      await writeAddedDriver(addedDriversDir(path.join(dataDir, 'drivers'), node), { name: facts.name, socketPath: socket });
      print(`added ${facts.name} ${facts.version}`.trim() + ` on ${node}`);
      print(
        `  can          ${facts.capabilities.length === 0 ? 'nothing that needs a controller' : facts.capabilities.toSorted().join(', ')}`,
      );
      if (!facts.servesNode)
        print('  no volumes   of it for pods: this socket has no node service; add that one too, or let it register itself');
      if (!facts.isReady) print('  not ready    it says that it is still starting');
      print('  in use       within a moment where the platform runs (stowage driver list shows it), else from its next start');
      print(`  a class      kubectl create -f - <<< '${JSON.stringify(classOf(facts.name))}'`);
    },
  });
}

function classOf(provisioner: string): object {
  const name = provisioner.split('.')[0] ?? provisioner;
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}
