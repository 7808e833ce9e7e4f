import { deepEqual } from '#kit/json.ts';
import type { CSIDriver, StorageTokenRequest } from '../generated/kubernetes.ts';
import { duplicate, invalid, notSupported } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { immutableField, validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { csiDrivers } from '../resources.ts';
import { ageColumn, column, nameColumn, UNSET } from './columns.ts';
import { validateDriverName } from './csi-names.ts';
import { withAbsent, without } from './defaulting.ts';

/** Shortest time between two refreshes of a node's volume limit (storage/v1 CSIDriverSpec), in seconds. */
const MIN_UPDATE_PERIOD_SEC = 10;
const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Ephemeral', 'Persistent'];

/** storage.k8s.io/v1 CSIDriver. */
export const csiDriverKind: KindDefinition<CSIDriver> = {
  resource: csiDrivers,
  schema: 'io.k8s.api.storage.v1.CSIDriver',
  needsVersionForUpdate: true,
  subresources: [],
  applyDefaults: (driver) => ({
    ...driver,
    spec: withAbsent(withoutNone(driver.spec), {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      requiresRepublish: false,
      seLinuxMount: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
    }),
  }),
  prepareForCreate: (driver) => driver,
  validate,
  validateUpdate: (next, previous) => [
    ...immutableField(next.spec.attachRequired, previous.spec.attachRequired, 'spec.attachedRequired'),
    ...immutableField(next.spec.volumeLifecycleModes, previous.spec.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
  ],
  warnings: warnOfTokens,
  selectableFields: {},
  columns: [
    nameColumn(),
    column(
      {
        name: 'AttachRequired',
        type: 'boolean',
        description: 'Whether volumes must be attached to a node before they can be mounted there.',
      },
      ({ spec }) => spec.attachRequired !== false,
    ),
    column(
      { name: 'PodInfoOnMount', type: 'boolean', description: 'Whether the driver is told which pod mounts.' },
      ({ spec }) => spec.podInfoOnMount === true,
    ),
    column(
      { name: 'StorageCapacity', type: 'boolean', description: 'Whether the scheduler looks at the free space that the driver reports.' },
      ({ spec }) => spec.storageCapacity === true,
    ),
    column({ name: 'TokenRequests', description: 'Audiences of the tokens that the driver gets.' }, ({ spec }) =>
      spec.tokenRequests === undefined || spec.tokenRequests.length === 0
        ? UNSET
        : spec.tokenRequests.map(({ audience }) => audience).join(','),
    ),
    column(
      { name: 'RequiresRepublish', type: 'boolean', description: 'Whether mounts are refreshed from time to time.' },
      ({ spec }) => spec.requiresRepublish === true,
    ),
    column({ name: 'Modes', description: 'Persistent volumes, ephemeral volumes, or both.' }, ({ spec }) =>
      (spec.volumeLifecycleModes ?? []).join(','),
    ),
    ageColumn(),
  ],
  initialFinalizers: [],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

/** Without a list of modes that names none. */
function withoutNone(spec: CSIDriver['spec'] | undefined): CSIDriver['spec'] | undefined {
  return spec?.volumeLifecycleModes?.length === 0 ? without(spec, 'volumeLifecycleModes') : spec;
}

function validate(driver: CSIDriver): readonly FieldError[] {
  const { spec } = driver;
  const faults: FieldError[] = [
    ...validateMetadata(driver.metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateDriverName(driver.metadata.name, 'metadata.name'),
    ...(spec.volumeLifecycleModes ?? [])
      .filter((mode) => !LIFECYCLE_MODES.includes(mode))
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES)),
  ];
  if (!FS_GROUP_POLICIES.includes(spec.fsGroupPolicy ?? ''))
    faults.push(notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, FS_GROUP_POLICIES));
  const periodSec = spec.nodeAllocatableUpdatePeriodSeconds;
  if (periodSec !== undefined && periodSec < MIN_UPDATE_PERIOD_SEC) {
    faults.push(
      invalid('spec.nodeAllocatableUpdatePeriodSeconds', periodSec, `must be greater than or equal to ${MIN_UPDATE_PERIOD_SEC} seconds`),
    );
  }
  return [...faults, ...validateTokens(spec.tokenRequests ?? []), ...validateTokenPlace(spec)];
}

function validateTokenPlace({ serviceAccountTokenInSecrets: isInSecrets, tokenRequests = [] }: CSIDriver['spec']): readonly FieldError[] {
  if (isInSecrets === undefined || tokenRequests.length > 0) return [];
  const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
  return [invalid('spec.serviceAccountTokenInSecrets', isInSecrets, why)];
}

/** Where a new choice of tokens leaves them in the volume context, which drivers log (storage csidriver strategy). */
function warnOfTokens({ spec }: CSIDriver, previous: CSIDriver | undefined): readonly string[] {
  const { tokenRequests = [], serviceAccountTokenInSecrets } = spec;
  if (tokenRequests.length === 0 || serviceAccountTokenInSecrets !== undefined) return [];
  if (previous !== undefined && deepEqual(previous.spec.tokenRequests, tokenRequests)) return [];
  return [
    'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
  ];
}

/** Bounds of a token's lifetime, in seconds (storage validation `validateTokenRequests`). */
const MIN_LIFETIME_SEC = 600;
const MAX_LIFETIME_SEC = 2 ** 32;

function validateTokens(requests: readonly StorageTokenRequest[]): readonly FieldError[] {
  const audiences = requests.map(({ audience }) => audience);
  return requests.flatMap(({ audience, expirationSeconds: lifetimeSec }, index) => {
    const at = `spec.tokenRequests[${index}]`;
    if (audiences.indexOf(audience) < index) return [duplicate(`${at}.audience`, audience)];
    if (lifetimeSec === undefined) return [];
    return [
      ...(lifetimeSec < MIN_LIFETIME_SEC
        ? [invalid(`${at}.expirationSeconds`, lifetimeSec, 'may not specify a duration less than 10 minutes')]
        : []),
      ...(lifetimeSec > MAX_LIFETIME_SEC
        ? [invalid(`${at}.expirationSeconds`, lifetimeSec, 'may not specify a duration larger than 2^32 seconds')]
        : []),
    ];
  });
}
