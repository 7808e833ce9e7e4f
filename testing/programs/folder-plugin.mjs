// Code of a package as `stowage plugin pack` takes it: a driver whose volumes are folders below the setting `root`, on every node of a machine.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const NAME = 'folders.example.com';
/** Stands for whatever a driver may need of its node. */
const NEEDED = path.join(process.env.HOME ?? '/', 'folders-allowed');

const isMounted = (target) => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${target} `);

function identity() {
  return {
    getPluginInfo: async () => ({ name: NAME, vendorVersion: 'VERSION' }),
    getPluginCapabilities: async () => ({ capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }] }),
    probe: async () => ({ ready: true }),
  };
}

function services({ UnimplementedController, UnimplementedNode, PlatformError }, { nodeName, settings }) {
  class Controller extends UnimplementedController {
    async controllerGetCapabilities() {
      return { capabilities: [{ rpc: { type: 'CREATE_DELETE_VOLUME' } }] };
    }

    async createVolume({ name, capacityRange }) {
      const volumeId = `${settings.prefix}${name}`;
      mkdirSync(path.join(settings.root, volumeId), { recursive: true });
      return { volume: { volumeId, capacityBytes: capacityRange?.requiredBytes ?? 0n, volumeContext: { madeBy: 'VERSION' } } };
    }

    async deleteVolume({ volumeId }) {
      rmSync(path.join(settings.root, volumeId), { recursive: true, force: true });
      return {};
    }
  }
  class Node extends UnimplementedNode {
    async nodeGetInfo() {
      return { nodeId: nodeName };
    }

    async nodeGetCapabilities() {
      return {};
    }

    async nodePublishVolume({ volumeId, targetPath }) {
      const folder = path.join(settings.root, volumeId);
      if (!existsSync(folder)) throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message: `there is no ${folder}` });
      mkdirSync(targetPath, { recursive: true });
      if (!isMounted(targetPath)) execFileSync('mount', ['--bind', folder, targetPath]);
      return {};
    }

    async nodeUnpublishVolume({ targetPath }) {
      if (isMounted(targetPath)) execFileSync('umount', [targetPath]);
      if (existsSync(targetPath)) rmdirSync(targetPath);
      return {};
    }
  }
  return { identity: identity(), controller: new Controller(), node: new Node() };
}

// oxlint-disable-next-line import/no-default-export -- the form that code of a package has
export default {
  load: (given) => ({
    preflight: async () => (existsSync(NEEDED) ? [] : [`folders are not allowed here: touch ${NEEDED}`]),
    driver: {
      start: async ({ socketPath, log, ...options }) => {
        const server = await given.serveCsi({ socketPath, log, ...services(given, options) });
        return { stop: () => server.close() };
      },
    },
  }),
};
