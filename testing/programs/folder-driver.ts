import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type {
  ControllerGetCapabilitiesResponse,
  CreateVolumeRequest,
  CreateVolumeResponse,
  DeleteVolumeRequest,
  NodeGetInfoResponse,
  NodePublishVolumeRequest,
  NodeUnpublishVolumeRequest,
} from '#protocols/csi/generated/messages.ts';
import { serveCsi } from '#protocols/csi/server.ts';
import { UnimplementedController, UnimplementedNode } from '#protocols/csi/unimplemented.ts';

/**
 * A CSI driver whose volumes are folders, and that fails as it is told: `FAULTS` is a JSON object from method to `hang`, `die` (in the middle of
 * the call), `late:MS` (does it, then waits) or the name of a gRPC code. It is read at each call, so that a test can change it at any time.
 *
 * usage: folder-driver NAME VOLUMES SOCKET FAULTS
 */
const [, , name = '', volumes = '', socketPath = '', faultsFile = ''] = process.argv;

function faultOf(method: string): string {
  if (!existsSync(faultsFile)) return '';
  const faults: unknown = JSON.parse(readFileSync(faultsFile, 'utf8'));
  const fault = isRecord(faults) ? faults[method] : undefined;
  return typeof fault === 'string' ? fault : '';
}

async function failing<T>(method: string, work: () => T): Promise<T> {
  const fault = faultOf(method);
  if (fault === 'die') process.exit(1);
  if (fault === 'hang') await new Promise(() => {});
  if (isErrorCode(fault)) throw new PlatformError({ code: fault, reason: 'Told', message: `${method} was told to fail` });
  const done = work();
  if (fault.startsWith('late:')) await setTimeout(Number(fault.slice('late:'.length)));
  return done;
}

class FolderController extends UnimplementedController {
  override async controllerGetCapabilities(): Promise<ControllerGetCapabilitiesResponse> {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_VOLUME' } }] };
  }

  override createVolume({ name: volumeId = '', capacityRange }: CreateVolumeRequest): Promise<CreateVolumeResponse> {
    return failing('CreateVolume', () => {
      mkdirSync(path.join(volumes, volumeId), { recursive: true });
      return { volume: { volumeId, capacityBytes: capacityRange?.requiredBytes ?? 0n } };
    });
  }

  override deleteVolume({ volumeId = '' }: DeleteVolumeRequest): Promise<Readonly<Record<string, never>>> {
    return failing('DeleteVolume', () => {
      rmSync(path.join(volumes, volumeId), { recursive: true, force: true });
      return {};
    });
  }
}

class FolderNode extends UnimplementedNode {
  override async nodeGetInfo(): Promise<NodeGetInfoResponse> {
    return { nodeId: 'here' };
  }

  override async nodeGetCapabilities(): Promise<Readonly<Record<string, never>>> {
    return {};
  }

  override nodePublishVolume({ volumeId = '', targetPath = '' }: NodePublishVolumeRequest): Promise<Readonly<Record<string, never>>> {
    return failing('NodePublishVolume', () => {
      mkdirSync(targetPath, { recursive: true });
      if (!isMounted(targetPath)) execFileSync('mount', ['--bind', path.join(volumes, volumeId), targetPath]);
      return {};
    });
  }

  override nodeUnpublishVolume({ targetPath = '' }: NodeUnpublishVolumeRequest): Promise<Readonly<Record<string, never>>> {
    return failing('NodeUnpublishVolume', () => {
      if (isMounted(targetPath)) execFileSync('umount', [targetPath]);
      if (existsSync(targetPath) && readdirSync(targetPath).length === 0) rmdirSync(targetPath);
      return {};
    });
  }
}

function isMounted(target: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${target} `);
}

mkdirSync(volumes, { recursive: true });
await serveCsi({
  socketPath,
  identity: {
    getPluginInfo: async () => ({ name, vendorVersion: '1' }),
    getPluginCapabilities: async () => ({ capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }] }),
    probe: async () => ({ ready: true }),
  },
  controller: new FolderController(),
  node: new FolderNode(),
  log: silentLogger,
});
process.stdout.write('ready\n');
