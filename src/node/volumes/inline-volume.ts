import { createHash } from 'node:crypto';
import type { Pod, Volume } from '#api/generated/kubernetes.ts';
import { csiDrivers } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import { getIfAny, podInfoOf, readDriverSecret } from './claim-volume.ts';
import type { CsiVolume } from './csi-volumes.ts';
import { driverTokens } from './driver-tokens.ts';
import type { PodTokens } from './pod-tokens.ts';
import { VolumeNotReady } from './volume-error.ts';

/** A CSI volume that lives as long as its pod. */
export type InlineSource = NonNullable<Volume['csi']>;

/** What the driver is told of an inline volume (kubelet csi_mounter.go); it is published without being staged. @throws VolumeNotReady where the driver does not make such volumes */
export async function describeInlineVolume(
  client: Client,
  pod: Pod,
  inline: { readonly name: string; readonly source: InlineSource; readonly tokens: PodTokens | undefined },
): Promise<CsiVolume> {
  const { name, source } = inline;
  const driver = await getIfAny(client, csiDrivers, { namespace: '', name: source.driver });
  if (driver?.spec.volumeLifecycleModes?.includes('Ephemeral') !== true) {
    const modes = driver === undefined ? 'there is no CSIDriver of that name' : 'its CSIDriver has no volumeLifecycleModes Ephemeral';
    throw new VolumeNotReady(
      `volume mode "Ephemeral" not supported by driver ${source.driver} (${modes}); use ephemeral.volumeClaimTemplate instead`,
    );
  }
  const secretName = source.nodePublishSecretRef?.name;
  const secretRef = secretName === undefined ? undefined : { name: secretName, namespace: pod.metadata.namespace ?? '' };
  const tokens = await driverTokens(inline.tokens, pod, driver);
  return {
    driver: source.driver,
    volumeHandle: inlineHandle(pod.metadata.uid, name),
    capability: { mount: { fsType: source.fsType ?? '', mountFlags: [] }, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
    isReadOnly: source.readOnly === true,
    isInline: true,
    takesFsGroup: source.readOnly !== true && driver.spec.fsGroupPolicy === 'File',
    volumeContext: { ...source.volumeAttributes },
    podContext: {
      ...(driver.spec.podInfoOnMount === true ? podInfoOf(pod) : {}),
      ...tokens.context,
      'csi.storage.k8s.io/ephemeral': 'true',
    },
    publishContext: {},
    stageSecrets: {},
    publishSecrets: { ...(await readDriverSecret(client, secretRef)), ...tokens.secrets },
  };
}

/** The volume's id, the same at each try (kubelet makeVolumeHandle). Pure. */
export function inlineHandle(podUid: string, volumeName: string): string {
  return `csi-${createHash('sha256').update(`${podUid}${volumeName}`).digest('hex')}`;
}
