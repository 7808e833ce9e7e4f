import type { ReferenceGrant } from '#api/generated/definitions.ts';
import type { Draft } from '#api/meta/object.ts';
import { stored } from './metadata.ts';

/** What a test wants of a grant. */
export interface GrantOverrides extends Partial<NonNullable<ReferenceGrant['spec']>> {
  /** Default `team-a`. */
  readonly namespace?: string;
}

/** A grant to create: `team-a/given`, which lets claims of `team-b` use claims and snapshots. */
export function aGrant({ namespace = 'team-a', ...spec }: GrantOverrides = {}): Draft<ReferenceGrant> {
  return {
    metadata: { name: 'given', namespace },
    spec: {
      from: [{ group: '', kind: 'PersistentVolumeClaim', namespace: 'team-b' }],
      to: [
        { group: '', kind: 'PersistentVolumeClaim' },
        { group: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot' },
      ],
      ...spec,
    },
  };
}

/** The same grant as the server would have stored it. */
export function aStoredGrant({
  deletionTimestamp,
  ...over
}: GrantOverrides & { readonly deletionTimestamp?: string } = {}): ReferenceGrant {
  const head = { apiVersion: 'gateway.networking.k8s.io/v1beta1', kind: 'ReferenceGrant' };
  return stored(head, aGrant(over), deletionTimestamp === undefined ? {} : { deletionTimestamp });
}
