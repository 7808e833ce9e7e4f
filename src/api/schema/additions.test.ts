import { describe, expect, it } from 'vitest';
import { withAddedFields } from './additions.ts';
import { definitionOf } from './definitions.ts';
import { pruneUnknown } from './prune.ts';

const SPEC = 'io.k8s.api.apps.v1.StatefulSetSpec';

describe('VOL-19: withAddedFields', () => {
  it('adds its fields beside those of the definition, which keep their own form', () => {
    const added = withAddedFields({ [SPEC]: { properties: { replicas: { type: 'integer' } } }, other: { properties: {} } });
    expect(added).toMatchObject({
      [SPEC]: { properties: { replicas: { type: 'integer' }, volumeClaimUpdatePolicy: { type: 'string' } } },
      other: { properties: {} },
    });
    const known = { [SPEC]: { properties: { volumeClaimUpdatePolicy: { type: 'integer' } } } };
    expect(withAddedFields(known)).toMatchObject(known);
  });

  it('is what the server knows, so that the fields are kept', () => {
    expect(definitionOf(SPEC).schema.properties).toHaveProperty('volumeClaimUpdatePolicy', { type: 'string' });
    const spec = { volumeClaimUpdatePolicy: 'InPlace', volumeClaimUpdatePolicies: 'no' };
    expect(pruneUnknown(SPEC, spec)).toEqual({ volumeClaimUpdatePolicy: 'InPlace' });
  });

  it('brings the definitions that its fields are of, unless they are there', () => {
    const health = { healthConditions: [{ status: 'Degraded', reason: 'PathLost', message: 'one of two', other: 1 }] };
    expect(pruneUnknown('io.k8s.api.core.v1.PersistentVolumeClaimStatus', { healthStatus: health })).toEqual({
      healthStatus: { healthConditions: [{ status: 'Degraded', reason: 'PathLost', message: 'one of two' }] },
    });
    const own = { 'io.k8s.api.core.v1.VolumeHealthStatus': { properties: {} } };
    expect(withAddedFields(own)).toMatchObject(own);
    expect(withAddedFields(own)['io.k8s.api.core.v1.VolumeHealthStatus']).toEqual({ properties: {} });
  });
});
