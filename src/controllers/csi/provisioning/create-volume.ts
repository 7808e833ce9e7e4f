import { ProvisioningFailed, RequestImpossible, AnswerUnusable } from './errors.ts';
import type {
  CSINode,
  Node,
  PersistentVolumeClaim,
  SecretReference,
  StorageClass,
  VolumeAttributesClass,
} from '#api/generated/kubernetes.ts';
import { selectedNodeOf } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { Volume, VolumeContentSource } from '#protocols/csi/generated/messages.ts';
import { askController, DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import { readSecret } from '../driver-work/read-secret.ts';
import type { Knowledge } from './call-history.ts';
import type { ClassParameters } from './parameters.ts';
import { buildRequest, type ProvisioningCapabilities, type ProvisionRequest } from './request.ts';
import { TopologyMap } from './topology.ts';

/** A volume at the backend. */
export interface MadeVolume {
  readonly volume: Volume & { readonly volumeId: string };
  readonly parameters: ClassParameters;
  readonly deletionSecrets: Readonly<Record<string, string>>;
}

/** For whom a volume is made, and by whom. */
export interface Order {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  readonly driver: CsiClient;
  /** What the claim names, where it names one. */
  readonly attributesClass: VolumeAttributesClass | undefined;
  /** What the volume is filled from, as the driver is told of it. */
  readonly content?: VolumeContentSource | undefined;
}

/** Makes and deletes volumes at drivers. */
export class VolumeMaker {
  readonly #capabilities = new DriverCapabilities(askCapabilities);
  readonly #topology: TopologyMap;
  readonly #timeoutMs: number;

  constructor(options: { readonly nodes: Informer<Node>; readonly csiNodes: Informer<CSINode>; readonly timeoutMs: number }) {
    this.#topology = new TopologyMap(options.nodes, options.csiNodes);
    this.#timeoutMs = options.timeoutMs;
  }

  /** Makes the volume of a claim, or finds it where it was made before (CreateVolume is idempotent by name). `known`: of earlier calls for it. @throws ProvisioningFailed; PlatformError what the driver answers */
  async create(ctx: Ctx, order: Order, known: Knowledge): Promise<MadeVolume> {
    const call = { ...this.#call(ctx), mayExist: known !== 'unasked' };
    const request = await this.#request(call, order);
    const reference = request.parameters.secrets.provisioner;
    const deletionSecrets = reference === undefined ? {} : await readClassSecret(ctx.client, reference);
    const withSecrets = reference === undefined ? request.message : { ...request.message, secrets: deletionSecrets };
    const { volume } = await order.driver.controller.createVolume(withSecrets, call);
    const volumeId = volume?.volumeId ?? '';
    if (volume === undefined || volumeId === '')
      throw new AnswerUnusable('the driver answered CreateVolume without a volume_id, which CSI requires');
    return { volume: { ...volume, volumeId }, parameters: request.parameters, deletionSecrets };
  }

  /** Deletes the volume; one that is gone already is fine. @throws PlatformError what the driver answers */
  async delete(ctx: Ctx, order: Order, made: MadeVolume): Promise<void> {
    const { volumeId } = made.volume;
    const hasSecrets = Object.keys(made.deletionSecrets).length > 0;
    await order.driver.controller.deleteVolume({ volumeId, ...(hasSecrets ? { secrets: made.deletionSecrets } : {}) }, this.#call(ctx));
  }

  async #request(call: CallContext, { claim, storageClass, driver, attributesClass, content }: Order): Promise<ProvisionRequest> {
    const capabilities = await this.#capabilities.of(driver, call);
    const selectedNode = storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? selectedNodeOf(claim) : '';
    const question = { driverName: storageClass.provisioner, storageClass, selectedNode, seed: claim.metadata.name };
    const topology = capabilities.hasTopology ? this.#topology.requirementFor(question) : { ok: true as const, value: undefined };
    if (!topology.ok) throw new ProvisioningFailed(`error generating accessibility requirements: ${topology.error}`);
    const request = buildRequest(claim, storageClass, { capabilities, topology: topology.value, attributesClass, content });
    if (!request.ok) throw new RequestImpossible(request.error);
    return request.value;
  }

  #call(ctx: Ctx): CallContext {
    return { timeoutMs: this.#timeoutMs, signal: ctx.signal };
  }
}

async function askCapabilities(driver: CsiClient, call: CallContext): Promise<ProvisioningCapabilities> {
  const [plugin, controller] = await Promise.all([driver.identity.getPluginCapabilities({}, call), askController(driver, call)]);
  return {
    hasTopology: plugin.capabilities?.some(({ service }) => service?.type === 'VOLUME_ACCESSIBILITY_CONSTRAINTS') === true,
    hasSingleNodeMultiWriter: controller.has('SINGLE_NODE_MULTI_WRITER'),
    hasCloning: controller.has('CLONE_VOLUME'),
    hasModification: controller.has('MODIFY_VOLUME'),
  };
}

async function readClassSecret(client: Client, { name = '', namespace = '' }: SecretReference): Promise<Readonly<Record<string, string>>> {
  try {
    return await readSecret(client, { namespace, name });
  } catch (thrown) {
    throw new ProvisioningFailed(
      `the secret ${namespace}/${name} that the class names can't be read: ${PlatformError.from(thrown).message}`,
      thrown,
    );
  }
}
