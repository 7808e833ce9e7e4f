import type { CSIDriver, Pod } from '#api/generated/kubernetes.ts';
import { formatTime } from '#kit/clock.ts';
import type { PodTokens } from './pod-tokens.ts';
import { VolumeNotReady } from './volume-error.ts';

/** Where a driver finds the tokens, in the volume context or in the secrets (kubelet csi_mounter.go). */
const TOKENS = 'csi.storage.k8s.io/serviceAccount.tokens';

/** What a driver is told at NodePublishVolume about the pod's service account. */
export interface DriverTokens {
  readonly context: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Tokens of the pod's service account for each audience that the driver asks for (CSIDriver `tokenRequests`): `{"AUDIENCE": {"token", "expirationTimestamp"}}`.
 * They are secrets where the driver says that it looks there (`serviceAccountTokenInSecrets`, KEP-5538). @throws VolumeNotReady, ApiError
 */
export async function driverTokens(tokens: PodTokens | undefined, pod: Pod, driver: CSIDriver | undefined): Promise<DriverTokens> {
  const { tokenRequests = [], serviceAccountTokenInSecrets = false } = driver?.spec ?? {};
  if (tokenRequests.length === 0) return { context: {}, secrets: {} };
  if (tokens === undefined)
    throw new VolumeNotReady(
      `the driver ${driver?.metadata.name ?? ''} asks for tokens of the pod's service account, which this node can't get`,
    );
  const issued = await Promise.all(
    tokenRequests.map(async (request) => {
      const { token, expiresAtMs } = await tokens.freshFor(pod, request);
      return [request.audience, { token, expirationTimestamp: formatTime(expiresAtMs) }] as const;
    }),
  );
  const told = { [TOKENS]: JSON.stringify(Object.fromEntries(issued)) };
  return serviceAccountTokenInSecrets ? { context: {}, secrets: told } : { context: told, secrets: {} };
}
