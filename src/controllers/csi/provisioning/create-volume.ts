import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { selectedNodeOf } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { CreateVolumeRequest, Volume } from '#protocols/csi/generated/messages.ts';
import { askController } from '../driver-work/driver-capabilities.ts';
import type { DriverOrder, Request, SecretNeed, Sending, Work } from '../driver-work/steps.ts';
import type { CallHistory } from './call-history.ts';
import { AnswerUnusable, ProvisioningFailed, RequestImpossible } from './errors.ts';
import type { PlannedOrder } from './order.ts';
import { buildRequest, type ProvisioningCapabilities } from './request.ts';
import type { TopologyMap } from './topology.ts';

/** For whom a volume is made, and what was decided on. */
export interface ProvisioningOrder extends DriverOrder, PlannedOrder {
  readonly claim: PersistentVolumeClaim;
}

/** A volume at the backend. */
export interface MadeVolume {
  readonly volume: Volume & { readonly volumeId: string };
  /** Deletes it; one that is gone already is fine. @throws PlatformError what the driver answers */
  readonly unmake: () => Promise<void>;
}

/** Making a volume at its driver, or finding it where it was made before. */
export interface CreationWork extends Work {
  readonly order: ProvisioningOrder;
  readonly capabilities: ProvisioningCapabilities;
  readonly message: Omit<CreateVolumeRequest, 'secrets'>;
  readonly answer: MadeVolume;
}

/** Asks the driver what matters for new volumes. */
export async function askProvisioning(driver: CsiClient, call: CallContext): Promise<ProvisioningCapabilities> {
  const [plugin, controller] = await Promise.all([driver.identity.getPluginCapabilities({}, call), askController(driver, call)]);
  return {
    hasTopology: plugin.capabilities?.some(({ service }) => service?.type === 'VOLUME_ACCESSIBILITY_CONSTRAINTS') === true,
    hasSingleNodeMultiWriter: controller.has('SINGLE_NODE_MULTI_WRITER'),
    hasCloning: controller.has('CLONE_VOLUME'),
    hasSnapshots: controller.has('CREATE_DELETE_SNAPSHOT'),
    hasModification: controller.has('MODIFY_VOLUME'),
  };
}

/** What is asked of the driver, and where the volume may lie. */
export function requestCreation(
  topologies: TopologyMap,
  order: ProvisioningOrder,
  capabilities: ProvisioningCapabilities,
): Request<CreationWork> {
  const { claim, storageClass, driverName } = order;
  const selectedNode = storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? selectedNodeOf(claim) : '';
  const question = { driverName, storageClass, selectedNode, seed: claim.metadata.name };
  const topology = capabilities.hasTopology ? topologies.requirementFor(question) : { ok: true as const, value: undefined };
  if (!topology.ok)
    return { kind: 'refused', error: new ProvisioningFailed(`error generating accessibility requirements: ${topology.error}`) };
  const message = buildRequest(claim, order, { capabilities, topology: topology.value });
  if (!message.ok) return { kind: 'refused', error: new RequestImpossible(message.error) };
  return { kind: 'send', message: message.value, secret: secretOf(order) };
}

/** CreateVolume, idempotent by name: a volume that was made before is found. @throws AnswerUnusable; PlatformError what the driver answers */
export async function createVolume(
  history: CallHistory,
  { claim, storageClass }: ProvisioningOrder,
  { driver, message, secrets, call }: Sending<CreationWork>,
): Promise<MadeVolume> {
  const { uid } = claim.metadata;
  const before = history.call(uid);
  const withSecrets = secrets === undefined ? message : { ...message, secrets };
  try {
    const isPlaced = storageClass.volumeBindingMode === 'WaitForFirstConsumer';
    const { volume } = await driver.controller.createVolume(withSecrets, { ...call, mayExist: before !== 'unasked', isPlaced });
    const volumeId = volume?.volumeId ?? '';
    if (volume === undefined || volumeId === '')
      throw new AnswerUnusable('the driver answered CreateVolume without a volume_id, which CSI requires');
    const hasSecrets = Object.keys(secrets ?? {}).length > 0;
    const unmake = async (): Promise<void> => {
      await driver.controller.deleteVolume({ volumeId, ...(hasSecrets ? { secrets } : {}) }, call);
    };
    return { volume: { ...volume, volumeId }, unmake };
  } catch (thrown) {
    history.end(uid, { before, thrown });
    throw thrown;
  }
}

function secretOf({ parameters }: ProvisioningOrder): SecretNeed | undefined {
  const { provisioner } = parameters.secrets;
  if (provisioner === undefined) return undefined;
  const { name = '', namespace = '' } = provisioner;
  const refusal = (cause: unknown): ProvisioningFailed =>
    new ProvisioningFailed(
      `the secret ${namespace}/${name} that the class names can't be read: ${PlatformError.from(cause).message}`,
      cause,
    );
  return { key: { namespace, name }, refusal };
}
