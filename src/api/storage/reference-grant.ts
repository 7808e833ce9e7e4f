import type { ReferenceGrant } from '../generated/definitions.ts';
import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { isDeleting } from '../meta/finalizers.ts';
import { dataSourceOf, describeSource, type DataSource } from './data-source.ts';

/** The grants of a namespace; undefined where they are not known. */
export type GrantsIn = (namespace: string) => readonly ReferenceGrant[] | undefined;

const CLAIM_KIND = 'PersistentVolumeClaim';

/** Why `claim` may not be filled from what it names in another namespace, of which these are the grants; undefined where it may, or names nothing there (KEP-3294). Pure. */
export function whyNotGranted(claim: PersistentVolumeClaim, grantsIn: GrantsIn): string | undefined {
  const source = dataSourceOf(claim);
  if (source?.isForeign !== true) return undefined;
  const from = claim.metadata.namespace ?? '';
  const grants = grantsIn(source.key.namespace);
  if (grants === undefined || grants.some((grant) => allows(grant, { from, source }))) return undefined;
  const { namespace } = source.key;
  // why nothing of whether it is there: that is not for other namespaces to know
  return `${describeSource(source)}: no ReferenceGrant of the namespace ${namespace} lets claims of ${from} use it: have somebody who may write there run: echo '${grantManifest(from, source)}' | kubectl apply -f -`;
}

function allows(grant: ReferenceGrant, { from, source }: { readonly from: string; readonly source: DataSource }): boolean {
  const { spec } = grant;
  if (isDeleting(grant)) return false;
  const isFrom = spec?.from.some(({ group, kind, namespace }) => group === '' && kind === CLAIM_KIND && namespace === from) === true;
  const isTo = spec?.to.some(
    ({ group, kind, name = '' }) => group === source.group && kind === source.kind && (name === '' || name === source.key.name),
  );
  return isFrom && isTo === true;
}

/** The grant that is missing, on one line. */
function grantManifest(from: string, { group, kind, key: { namespace, name } }: DataSource): string {
  return JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { name: `claims-of-${from}`, namespace },
    spec: { from: [{ group: '', kind: CLAIM_KIND, namespace: from }], to: [{ group, kind, name }] },
  });
}
