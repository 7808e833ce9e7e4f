import { expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import type { PersistentVolumeClaimStatus } from '../generated/kubernetes.ts';
import { canGiveUpGrowth } from './growth.ts';

const HAS_ERROR = [{ type: 'NodeResizeError', status: 'True' }];

function status(change: Partial<PersistentVolumeClaimStatus>): PersistentVolumeClaimStatus {
  return { phase: 'Bound', capacity: { storage: '1Gi' }, ...change };
}

it.each([
  { name: 'the driver failed', size: '2Gi', change: { conditions: [{ type: 'ControllerResizeError', status: 'True' }] }, expected: true },
  { name: 'the node failed', size: '2Gi', change: { conditions: HAS_ERROR }, expected: true },
  { name: 'it is infeasible', size: '2Gi', change: { allocatedResourceStatuses: { storage: 'NodeResizeInfeasible' } }, expected: true },
  { name: 'it goes on', size: '2Gi', change: { conditions: [{ type: 'Resizing', status: 'True' }] }, expected: false },
  { name: 'the error is over', size: '2Gi', change: { conditions: [{ type: 'NodeResizeError', status: 'False' }] }, expected: false },
  { name: 'nothing is asked for', size: '1Gi', change: { conditions: HAS_ERROR }, expected: false },
])('VOL-9: giving up is offered ($expected) where $name', ({ size, change, expected }) => {
  expect(canGiveUpGrowth(aStoredClaim({ size, status: status(change) }))).toBe(expected);
});

it('VOL-9: giving up is not offered for a claim that goes', () => {
  const claim = aStoredClaim({ size: '2Gi', status: status({ conditions: HAS_ERROR }) });
  expect(canGiveUpGrowth({ ...claim, metadata: { ...claim.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })).toBe(false);
});
