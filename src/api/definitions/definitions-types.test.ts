import { expect, it } from 'vitest';
import * as generated from '../generated/definitions.ts';
import type { Resource } from '../meta/resource.ts';
import { broughtAlongDefinitions } from './brought-along.ts';

const resources: readonly Resource[] = Object.values(generated);

it('every definition that Stowage brings has a typed resource of its stored version', () => {
  const wanted = broughtAlongDefinitions().map(({ spec: { group, names, scope, versions } }) => ({
    group,
    version: versions.find(({ storage }) => storage)?.name,
    kind: names.kind,
    plural: names.plural,
    isNamespaced: scope === 'Namespaced',
  }));
  const found = resources.map(({ group, version, kind, plural, isNamespaced }) => ({ group, version, kind, plural, isNamespaced }));
  const byKind = (a: { readonly kind: string }, b: { readonly kind: string }): number => a.kind.localeCompare(b.kind);
  expect(found.toSorted(byKind)).toEqual(wanted.toSorted(byKind));
});

it('its fields have the types of its schema', () => {
  const snapshot: Pick<generated.VolumeSnapshot, 'spec' | 'status'> = {
    spec: { source: { persistentVolumeClaimName: 'data' }, volumeSnapshotClassName: 'fast' },
    status: { readyToUse: true, restoreSize: '1Gi' },
  };
  expect(snapshot.spec.source.persistentVolumeClaimName).toBe('data');
  // @ts-expect-error a field that the schema does not have
  const wrong: generated.VolumeSnapshot['spec'] = { source: {}, volumeSnapshotClas: 'fast' };
  expect(wrong).toBeDefined();
});
