import type { Container, Pod, ServiceAccount, Volume, VolumeMount } from '#api/generated/kubernetes.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { pods, serviceAccounts } from '#api/resources.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import type { AdmissionPlugin, AdmissionRequest, StoreView } from '../../contract/admission.ts';
import { forbidden } from '../../contract/status-error.ts';

const DEFAULT_ACCOUNT = 'default';
/** Where clients in a pod look for their credentials (client-go rest/config.go `InClusterConfig`). */
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
const SUFFIX_LENGTH = 5;
/** An hour and the seven seconds by which upstream tells these tokens from others (plugin/pkg/admission/serviceaccount). */
const LIFETIME_SEC = 3_607;
const FILE_MODE = 0o644;
const MIRROR = 'kubernetes.io/config.mirror';
/** How often, and after how many milliseconds, the account of a new namespace is looked for again. */
const ATTEMPTS = 10;
const RETRY_MS = 50;

// why Partial: it is asked before the pod is validated
/** The admission plugin `ServiceAccount`: a new pod runs as an account that exists, and gets its credentials unless it wants none. */
export function accountAdmission({ clock, ids }: { readonly clock: Clock; readonly ids: Ids }): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    mutate: async (request, view) => {
      if (request.verb !== 'create' || request.subresource !== '' || groupResourceOf(request.kind.resource) !== groupResourceOf(pods))
        return undefined;
      // why: it is of this kind, and its schema was checked
      const pod = trusted<Pod>(request.object);
      if (pod.metadata.annotations?.[MIRROR] !== undefined) return undefined;
      const name = nameOr(pod.spec.serviceAccountName, DEFAULT_ACCOUNT);
      const account = await findAccount({ clock, request, view }, name);
      return withCredentials(withAccount(pod, account), account, () => `${VOLUME_PREFIX}${ids.suffix(SUFFIX_LENGTH)}`);
    },
  };
}

interface Lookup {
  readonly clock: Clock;
  readonly request: AdmissionRequest;
  readonly view: StoreView;
}

/** The account of a namespace that was just made comes a moment later. @throws ApiError `PermissionDenied` where there is none */
async function findAccount({ clock, request, view }: Lookup, name: string): Promise<ServiceAccount> {
  const { namespace } = request.key;
  for (let attempt = 1; ; attempt += 1) {
    const account = view.get<ServiceAccount>(serviceAccounts, { namespace, name });
    if (account !== undefined) return account;
    if (name !== DEFAULT_ACCOUNT || attempt >= ATTEMPTS) {
      const why = `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
      throw forbidden(request.kind.resource, request.key.name, why);
    }
    await sleep(clock, RETRY_MS);
  }
}

function withAccount(pod: Pod, { metadata: { name }, imagePullSecrets = [] }: ServiceAccount): Pod {
  const needsSecrets = (pod.spec.imagePullSecrets ?? []).length === 0 && imagePullSecrets.length > 0;
  const spec = { ...pod.spec, serviceAccountName: name, serviceAccount: name, ...(needsSecrets ? { imagePullSecrets } : {}) };
  return { ...pod, spec };
}

function withCredentials(pod: Pod, account: ServiceAccount, newName: () => string): Pod {
  const { containers, initContainers = [], volumes = [] } = pod.spec;
  const isWanted = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  if (!isWanted || [...containers, ...initContainers].every(isMounted)) return pod;
  const known = volumes.find(({ name, projected }: Partial<Volume>) => name?.startsWith(VOLUME_PREFIX) === true && projected !== undefined);
  const name = known?.name ?? newName();
  const mounted = (list: readonly Container[]): readonly Container[] => list.map((container) => mount(container, name));
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: mounted(containers),
      ...(initContainers.length === 0 ? {} : { initContainers: mounted(initContainers) }),
      volumes: known === undefined ? [...volumes, credentials(name)] : volumes,
    },
  };
}

function isMounted({ volumeMounts = [] }: Container): boolean {
  return volumeMounts.some(({ mountPath }: Partial<VolumeMount>) => mountPath?.replace(/\/+$/, '') === MOUNT_PATH);
}

function mount(container: Container, name: string): Container {
  if (isMounted(container)) return container;
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }] };
}

function credentials(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: FILE_MODE,
      sources: [
        { serviceAccountToken: { expirationSeconds: LIFETIME_SEC, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}

function nameOr(name: string | undefined, fallback: string): string {
  return name === undefined || name === '' ? fallback : name;
}
