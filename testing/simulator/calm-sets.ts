import type { StatefulSet } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { CLAIM_OF_SET } from './set-actors.ts';
import type { Rest } from './calm-volumes.ts';
import { SET_NAMES, SETS } from './step.ts';

/** StatefulSets that lack pods or have too many, and claims that their policy would have otherwise. */
export function unsettledSets(sets: readonly StatefulSet[], rest: Rest, owned: ReadonlySet<string>): readonly string[] {
  return SET_NAMES.flatMap((name) => {
    const set = sets.find(({ metadata }) => metadata.name === name);
    const replicas = set?.spec?.replicas ?? 0;
    return [
      ...ordinalsOf(rest.pods, name).flatMap((each) => (each < replicas ? [] : [`pod ${name}-${each} is beyond its set`])),
      ...lacking(name, replicas, rest),
      ...leftClaims(set, name, ownedOf(rest, owned)),
    ];
  });
}

function ordinalsOf(objects: readonly { readonly metadata: { readonly name: string } }[], base: string): readonly number[] {
  return objects.flatMap(({ metadata: { name } }) => (name.startsWith(`${base}-`) ? [Number(name.slice(base.length + 1))] : []));
}

/** The first pod that should run and does not; those after it wait for it. */
function lacking(name: string, replicas: number, rest: Rest): readonly string[] {
  for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
    const pod = rest.pods.find(({ metadata }) => metadata.name === `${name}-${ordinal}`);
    if (pod?.status?.phase === 'Running') continue;
    return isHindered(`${CLAIM_OF_SET}-${name}-${ordinal}`, rest) ? [] : [`pod ${name}-${ordinal} is ${pod?.status?.phase ?? 'not there'}`];
  }
  return [];
}

/** What a user took away under a claim does not come back. */
function isHindered(claimName: string, { claims, volumes }: Rest): boolean {
  const claim = claims.find(({ metadata }) => metadata.name === claimName);
  if (claim === undefined) return false;
  const volume = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
  return claim.status?.phase === 'Lost' || isDeleting(claim) || (volume !== undefined && isDeleting(volume));
}

function ownedOf({ claims }: Rest, owned: ReadonlySet<string>): Rest['claims'] {
  return claims.filter(({ metadata }) => owned.has(metadata.uid));
}

function leftClaims(set: StatefulSet | undefined, name: (typeof SET_NAMES)[number], claims: Rest['claims']): readonly string[] {
  const { whenDeleted, whenScaled } = SETS[name];
  const replicas = set?.spec?.replicas ?? 0;
  const going = ordinalsOf(claims, `${CLAIM_OF_SET}-${name}`).filter(
    (ordinal) => (set === undefined ? whenDeleted : whenScaled) === 'Delete' && ordinal >= replicas,
  );
  return going.map((ordinal) => `${CLAIM_OF_SET}-${name}-${ordinal} is to be deleted with its pod, and is there`);
}
