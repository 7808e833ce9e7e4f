import { expect, it } from 'vitest';
import { stored } from '#testing/builders/metadata.ts';
import { clusterOf, csiNodeOf, textOfExplanation } from '#testing/builders/explained-cluster.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { planReclaim } from '../../csi/reclaim/plan.ts';
import { explainVolume } from './explain-volume.ts';

const DRIVER = 'disk.example';
const attachment = stored(
  { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment' },
  { metadata: { name: 'a' }, spec: { attacher: DRIVER, nodeName: 'node-1', source: { persistentVolumeName: 'pv-1' } } },
);

it.each([
  { name: 'whose driver is there', driver: DRIVER, attachments: [], state: 'busy' },
  { name: 'whose driver is away', driver: 'other.example', attachments: [], state: 'blocked' },
  { name: 'that is still attached', driver: DRIVER, attachments: [attachment], state: 'busy' },
])('VOL-6: a volume that is to be deleted $name: what reclaim says stands against it', async ({ driver, attachments, state }) => {
  const claimRef = { namespace: 'default', name: 'gone', uid: 'u' };
  const csi = { driver: DRIVER, volumeHandle: 'h' };
  const volume = aStoredVolume({ reclaimPolicy: 'Delete', status: { phase: 'Released' }, spec: { claimRef, csi, hostPath: undefined } });
  const explanation = explainVolume('pv-1', await clusterOf({ volumes: [volume], csiNodes: [csiNodeOf(driver)], attachments }));
  const plan = planReclaim(volume, { connected: [driver], attachedTo: attachments[0]?.spec.nodeName, keptPaths: [] });
  expect(explanation.state).toBe(state);
  expect(explanation.findings.filter(({ subject }) => subject === 'deletion')).toHaveLength(plan.kind === 'wait' ? 1 : 0);
  expect(textOfExplanation(explanation)).toContain(plan.kind === 'wait' ? plan.event.message : 'the volume is being deleted');
});
