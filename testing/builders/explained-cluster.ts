import type { CSINode, Event, PersistentVolumeClaim, ResourceQuota } from '#api/generated/kubernetes.ts';
import { type Explanation, tell } from '#api/explanation.ts';
import { type Cluster, formatExplanation } from '#controllers/stowage/explain/explanation.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim, type ClaimOverrides } from './claim.ts';

/** What explanations are made from, where there is nothing. */
export const EMPTY_CLUSTER: Cluster = {
  unseen: new Set(),
  namespaces: [],
  claims: [],
  volumes: [],
  classes: [],
  pods: [],
  nodes: [],
  csiNodes: [],
  csiDrivers: [],
  capacities: [],
  attributesClasses: [],
  attachments: [],
  quotas: [],
  events: [],
};

/** A node on which `driver` is registered. */
export function csiNodeOf(driver: string): CSINode {
  return trusted({ metadata: { name: 'node-1' }, spec: { drivers: [{ name: driver, nodeID: 'n' }] } });
}

/** A quota of the name `q`. */
export function quotaOf(status: ResourceQuota['status']): ResourceQuota {
  return trusted({ metadata: { name: 'q' }, status });
}

/** A warning about the object with `uid`. */
export function warningAbout(uid: string, reason: string, message: string): Event {
  return trusted({
    metadata: { name: 'e' },
    type: 'Warning',
    reason,
    message,
    involvedObject: { uid },
    lastTimestamp: '2026-01-01T00:00:00Z',
  });
}

/** A claim that waits, with the UID `c-1`. */
export function waitingClaim(of: ClaimOverrides = {}): PersistentVolumeClaim {
  return aStoredClaim({ status: { phase: 'Pending' }, uid: 'c-1', ...of });
}

/** Everything that an explanation says, for matching. */
export function textOfExplanation(explanation: Explanation): string {
  return formatExplanation(tell(explanation, 'en')).join('\n');
}
