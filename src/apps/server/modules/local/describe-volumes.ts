import { ACCESS_MODES } from '#api/access-modes.ts';
import { type StorageDescription, VOLUME_MODES, type VolumeMode } from '#api/capabilities/description.ts';
import { LOCAL_CAPABILITIES } from '#drivers/local/controller.ts';
import { incompatibility, parseParameters } from '#drivers/local/create-request.ts';
import type { VolumeType } from '#drivers/local/volume-record.ts';
import { hasCode } from '#kit/errors.ts';
import { csiCapabilityOf } from '#protocols/csi/volume-capability.ts';

/** What volumes of a class with these parameters can do: what the driver itself says to each mode, so that the description can't disagree with it. Nothing for parameters that it refuses. */
export function describeVolumes(parameters: Readonly<Record<string, string>>): StorageDescription {
  const type = typeOf(parameters);
  if (type === undefined) return {};
  const modesOf = (volumeMode: VolumeMode) =>
    ACCESS_MODES.map(({ name }) => name).filter((mode) => isPossible(type, { accessModes: [mode], volumeMode }));
  const [accessModes, blockAccessModes] = [modesOf('Filesystem'), modesOf('Block')];
  return {
    snapshot: LOCAL_CAPABILITIES.includes('CREATE_DELETE_SNAPSHOT'),
    volumeModes: VOLUME_MODES.filter((mode) => (mode === 'Block' ? blockAccessModes : accessModes).length > 0),
    accessModes,
    blockAccessModes,
  };
}

function typeOf(parameters: Readonly<Record<string, string>>): VolumeType | undefined {
  try {
    return parseParameters(parameters, 'file');
  } catch (thrown) {
    if (hasCode(thrown, 'InvalidArgument')) return undefined;
    throw thrown;
  }
}

function isPossible(type: VolumeType, volume: Parameters<typeof csiCapabilityOf>[0]): boolean {
  const known = { hasSingleNodeMultiWriter: LOCAL_CAPABILITIES.includes('SINGLE_NODE_MULTI_WRITER') };
  return incompatibility(type, [csiCapabilityOf(volume, known)]) === undefined;
}
