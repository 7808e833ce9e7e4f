import { isRecord, trusted } from '#kit/json.ts';
import { describeDefinition } from '../descriptions/definitions.ts';
import facts from '../facts/definitions.json' with { type: 'json' };
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from '../generated/kubernetes.ts';
import { APPROVAL } from '../kinds/definition-approval.ts';
import type { Draft } from '../meta/object.ts';
import { withGroupVersions } from './group-snapshot-versions.ts';
import { DELETED_CLAIM_DEFINITION } from './deleted-claims.ts';
import { OLD_SNAPSHOT_VERSION } from './old-snapshot.ts';
import { withProtocolForms } from './bucket-claim-form.ts';
import { MOVE_DEFINITION } from './moves.ts';
import { PACKAGE_DEFINITIONS } from './plugin-packages.ts';
import { PLUGIN_DEFINITIONS } from './plugins.ts';
import { POPULATOR_DEFINITIONS } from './populators.ts';
import { PROJECT_DEFINITION } from './projects.ts';
import { REFERENCE_GRANT_DEFINITION } from './reference-grants.ts';
import { ROLLBACK_DEFINITION } from './rollbacks.ts';
import { SNAPSHOT_METADATA_SERVICE_DEFINITION } from './snapshot-metadata-services.ts';
import { SNAPSHOT_SCHEDULE_DEFINITION } from './snapshot-schedules.ts';

/** Those of these API groups, and, of groups that several systems have kinds of, those of these names (`plural.group`). */
export function definitionsOf(...wanted: readonly string[]): readonly Definition[] {
  return broughtAlongDefinitions().filter(({ metadata, spec }) => wanted.includes(spec.group) || wanted.includes(metadata.name ?? ''));
}

type Definition = Draft<CustomResourceDefinition>;

/** The definitions that Stowage brings along: snapshots, group snapshots, buckets, replication, local disks, plugins, projects, rollbacks, moves of claims, schedules of snapshots, services of changed blocks, claims that were deleted, grants of references, what claims are filled from, and users of object stores. */
export function broughtAlongDefinitions(): readonly Definition[] {
  // why trusted: the facts were derived from published definitions; a test creates each of them
  const published = trusted<readonly Definition[]>(facts);
  const own = [
    ...PLUGIN_DEFINITIONS,
    ...PACKAGE_DEFINITIONS,
    PROJECT_DEFINITION,
    ROLLBACK_DEFINITION,
    MOVE_DEFINITION,
    SNAPSHOT_SCHEDULE_DEFINITION,
    SNAPSHOT_METADATA_SERVICE_DEFINITION,
    DELETED_CLAIM_DEFINITION,
    REFERENCE_GRANT_DEFINITION,
    ...POPULATOR_DEFINITIONS,
  ];
  return [...published.map(withOldSnapshots).map(withGroupVersions).map(withProtocolForms), ...own].map(withApproval).map(withDescriptions);
}

/** The buckets' definitions are in a group that Kubernetes keeps for itself, and its interface is not approved yet; a cluster asks that this is said. */
const UNAPPROVED = 'unapproved, experimental v1alpha2';

function withApproval(definition: Definition): Definition {
  const annotations = definition.metadata.annotations ?? {};
  if (definition.spec.group !== 'objectstorage.k8s.io' || annotations[APPROVAL] !== undefined) return definition;
  return { ...definition, metadata: { ...definition.metadata, annotations: { ...annotations, [APPROVAL]: UNAPPROVED } } };
}

function withOldSnapshots(definition: Definition): Definition {
  if (definition.metadata.name !== 'volumesnapshots.snapshot.storage.k8s.io') return definition;
  return { ...definition, spec: { ...definition.spec, versions: [...definition.spec.versions, OLD_SNAPSHOT_VERSION] } };
}

function withDescriptions(definition: Definition): Definition {
  const { spec } = definition;
  const versions: CustomResourceDefinitionSpec['versions'] = spec.versions.map((version) => {
    const schema = version.schema?.openAPIV3Schema;
    return isRecord(schema) && version !== OLD_SNAPSHOT_VERSION
      ? { ...version, schema: { openAPIV3Schema: describeDefinition(spec.names.kind, schema) } }
      : version;
  });
  return { ...definition, spec: { ...spec, versions } };
}
