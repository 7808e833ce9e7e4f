import { fail, ok, type Result } from '#kit/errors.ts';
import type { StorageClass, TopologySelectorTerm } from '../../generated/kubernetes.ts';
import { pluginOfProvisioner } from './plugins.ts';

type Parameters = Readonly<Record<string, string>>;

/** What classes of one plugin turn into; facts from k8s.io/csi-translation-lib plugins. */
interface ClassTranslation {
  /** The driver's key for a zone; absent = topologies stay as they are. */
  readonly topologyKey?: string;
  /** By parameter in lower case: its new name. Others keep theirs, unless `isClosed`. */
  readonly renamed?: Parameters;
  /** Drops parameters that are not in `renamed`. */
  readonly isClosed?: true;
  /** Set beside the class's own. */
  readonly added?: Parameters;
}

const FS_TYPE = 'csi.storage.k8s.io/fstype';
/** Zones by these keys in a class's allowedTopologies are the driver's zones. */
const ZONE_KEYS = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
const VSPHERE_PARAMETERS = [
  'datastore',
  'diskformat',
  'hostfailurestotolerate',
  'forceprovisioning',
  'cachereservation',
  'diskstripes',
  'objectspacereservation',
  'iopslimit',
];

const TRANSLATIONS: ReadonlyMap<string, ClassTranslation> = new Map<string, ClassTranslation>([
  ['kubernetes.io/aws-ebs', { topologyKey: 'topology.ebs.csi.aws.com/zone', renamed: { fstype: FS_TYPE } }],
  ['kubernetes.io/gce-pd', { topologyKey: 'topology.gke.io/zone', renamed: { fstype: FS_TYPE } }],
  ['kubernetes.io/azure-disk', { topologyKey: 'topology.disk.csi.azure.com/zone', added: { 'csi-migration': 'true' } }],
  ['kubernetes.io/azure-file', {}],
  ['kubernetes.io/cinder', { topologyKey: 'topology.cinder.csi.openstack.org/zone', renamed: { fstype: FS_TYPE } }],
  [
    'kubernetes.io/vsphere-volume',
    {
      isClosed: true,
      renamed: {
        fstype: FS_TYPE,
        storagepolicyname: 'storagepolicyname',
        ...Object.fromEntries(VSPHERE_PARAMETERS.map((name) => [name, `${name}-migrationparam`])),
      },
      added: { csimigration: 'true' },
    },
  ],
  ['kubernetes.io/portworx-volume', {}],
  [
    'kubernetes.io/rbd',
    {
      isClosed: true,
      renamed: {
        fstype: FS_TYPE,
        pool: 'pool',
        monitors: 'monitors',
        adminid: 'adminId',
        imageformat: 'imageFormat',
        imagefeatures: 'imageFeatures',
      },
      added: { migration: 'true' },
    },
  ],
]);

/** A class as the CSI driver that took over its provisioner reads it; a class of any other provisioner as it is. The error names the parameter. Pure. */
export function translateClass(storageClass: StorageClass, md5: (text: string) => string): Result<StorageClass> {
  const translation = TRANSLATIONS.get(storageClass.provisioner);
  const driver = pluginOfProvisioner(storageClass.provisioner)?.driver;
  if (translation === undefined || driver === undefined) return ok(storageClass);
  const topologies = translateTopologies(storageClass, translation);
  if (!topologies.ok) return topologies;
  const parameters = translateParameters(storageClass, translation);
  const isCeph = driver === 'rbd.csi.ceph.com';
  const complete = isCeph ? completeCeph(parameters, storageClass.parameters ?? {}, md5) : ok(parameters);
  if (!complete.ok) return complete;
  return ok({
    ...storageClass,
    provisioner: driver,
    parameters: complete.value,
    ...(topologies.value === undefined ? {} : { allowedTopologies: topologies.value }),
  });
}

function translateParameters(
  { parameters = {} }: StorageClass,
  { topologyKey, renamed = {}, isClosed, added = {} }: ClassTranslation,
): Parameters {
  const zoneKeys = topologyKey === undefined || renamed['zone'] !== undefined ? [] : ['zone', 'zones'];
  const entries = Object.entries(parameters).flatMap(([key, value]): readonly (readonly [string, string])[] => {
    const lower = key.toLowerCase();
    if (isZoneParameter(lower, zoneKeys)) return [];
    const name = renamed[lower] ?? (isClosed === true ? undefined : key);
    return name === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(entries), ...added };
}

function isZoneParameter(key: string, zoneKeys: readonly string[]): boolean {
  return zoneKeys.includes(key);
}

/** Cinder's `availability` stays a parameter: its driver reads it. */
function translateTopologies(
  storageClass: StorageClass,
  { topologyKey }: ClassTranslation,
): Result<readonly TopologySelectorTerm[] | undefined> {
  const { allowedTopologies = [], parameters = {} } = storageClass;
  if (topologyKey === undefined) return ok(undefined);
  const zones = Object.entries(parameters)
    .filter(([key]) => ['zone', 'zones'].includes(key.toLowerCase()))
    .flatMap(([, value]) => value.split(',').map((zone) => zone.trim()));
  if (zones.length > 0 && allowedTopologies.length > 0)
    return fail('cannot simultaneously set allowed topologies and zone/zones parameters: create a class with one of them');
  if (zones.length > 0) return ok([{ matchLabelExpressions: [{ key: topologyKey, values: zones }] }]);
  if (allowedTopologies.length === 0) return ok(undefined);
  return ok(
    allowedTopologies.map(({ matchLabelExpressions = [] }) => ({
      matchLabelExpressions: matchLabelExpressions.map(({ key, values }) => ({ key: ZONE_KEYS.includes(key) ? topologyKey : key, values })),
    })),
  );
}

const CEPH_SECRET_USES = ['provisioner', 'node-stage', 'controller-expand'];

/** Ceph's cluster is known by the hash of its monitors, and one secret serves all. */
function completeCeph(parameters: Parameters, own: Parameters, md5: (text: string) => string): Result<Parameters> {
  const given = new Map(Object.entries(own).map(([key, value]) => [key.toLowerCase(), value]));
  const [monitors, secretName] = [given.get('monitors') ?? '', given.get('adminsecretname') ?? ''];
  if (monitors === '') return fail('missing Ceph monitors: the class needs the parameter monitors');
  if (secretName === '') return fail('missing Ceph admin secret name: the class needs the parameter adminSecretName');
  const namespace = given.get('adminsecretnamespace') ?? 'default';
  const secrets = CEPH_SECRET_USES.flatMap((use) => [
    [`csi.storage.k8s.io/${use}-secret-name`, secretName],
    [`csi.storage.k8s.io/${use}-secret-namespace`, namespace],
  ]);
  return ok({ pool: 'rbd', ...parameters, clusterID: md5(monitors), ...Object.fromEntries(secrets) });
}
