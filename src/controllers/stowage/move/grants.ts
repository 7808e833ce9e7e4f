import { type ReferenceGrant, referenceGrants, type VolumeMove, volumeMoves } from '#api/generated/definitions.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { isToAnotherNamespace, targetNamespaceOf } from './moved.ts';

/**
 * Why the claim may not be made in the namespace that it is to go to, of which these are the grants; undefined where it may (as KEP-3294 asks it of data sources). Pure.
 * Who may write a grant there says what comes there; who may make a VolumeMove says so of the claims of its own namespace.
 */
export function whyNotGranted(move: VolumeMove, grants: readonly ReferenceGrant[]): string | undefined {
  if (!isToAnotherNamespace(move) || grants.some((grant) => allows(grant, move))) return undefined;
  const [from, to] = [move.metadata.namespace ?? '', targetNamespaceOf(move)];
  return `targetNamespace ${JSON.stringify(to)}: no ReferenceGrant there lets VolumeMoves of ${from} bring claim ${move.spec.claimName}: have somebody who may write there run: echo '${grantManifest(move)}' | kubectl apply -f -`;
}

function allows(grant: ReferenceGrant, { metadata, spec }: VolumeMove): boolean {
  if (isDeleting(grant)) return false;
  const isFrom = grant.spec?.from.some(
    ({ group, kind, namespace }) => group === volumeMoves.group && kind === volumeMoves.kind && namespace === metadata.namespace,
  );
  const isTo = grant.spec?.to.some(
    ({ group, kind, name = '' }) => group === '' && kind === persistentVolumeClaims.kind && (name === '' || name === spec.claimName),
  );
  return isFrom === true && isTo === true;
}

/** The grant that is missing, on one line. */
function grantManifest(move: VolumeMove): string {
  const namespace = move.metadata.namespace ?? '';
  return JSON.stringify({
    apiVersion: `${referenceGrants.group}/${referenceGrants.version}`,
    kind: referenceGrants.kind,
    metadata: { name: `moves-of-${namespace}`, namespace: targetNamespaceOf(move) },
    spec: {
      from: [{ group: volumeMoves.group, kind: volumeMoves.kind, namespace }],
      to: [{ group: '', kind: persistentVolumeClaims.kind, name: move.spec.claimName }],
    },
  });
}
