import { describe, expect, it } from 'vitest';
import type { PersistentVolumeClaimStatus } from '#api/generated/kubernetes.ts';
import type { ClaimOverrides } from '#testing/builders/claim.ts';
import { aStoredClass, type ClassOverrides } from '#testing/builders/class.ts';
import { clusterOf, csiNodeOf, type Listed, textOfExplanation, waitingClaim, warningAbout } from '#testing/builders/explained-cluster.ts';
import { stored } from '#testing/builders/metadata.ts';
import { planProvisioning } from '../../csi/provisioning/plan.ts';
import { viewOrder } from '../../csi/provisioning/order-view.ts';
import { explainClaim } from './explain-claim.ts';

const DRIVER = 'disk.example';
const annotations = { 'volume.kubernetes.io/storage-provisioner': DRIVER };
const gold = stored({ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass' }, { metadata: { name: 'gold' }, driverName: 'd' });
const copy = { dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } };

interface Case {
  readonly name: string;
  readonly claim?: ClaimOverrides;
  readonly of?: ClassOverrides;
  readonly cluster?: Listed;
  /** What the explanation names as the object that has to change. */
  readonly subject: string;
}

describe('VOL-15: an explanation of a claim that is filled', () => {
  const spec = { dataSourceRef: { kind: 'Provider', apiGroup: 'example.com', name: 's' } };
  const explained = async (status: PersistentVolumeClaimStatus): Promise<string> => {
    const claim = waitingClaim({ storageClassName: 'fast', annotations, spec, status: { phase: 'Pending', ...status } });
    const cluster = await clusterOf({ classes: [aStoredClass({ provisioner: DRIVER })], csiNodes: [csiNodeOf(DRIVER)], claims: [claim] });
    return textOfExplanation(explainClaim({ namespace: 'default', name: 'data' }, cluster));
  };

  it('names who fills it, and how far it is', async () => {
    expect(await explained({})).toContain('the populator of Provider.example.com is to make its volume and to fill it');
    const conditions = [{ type: 'Populating', status: 'True', message: '42 % of 1.0Gi' }];
    expect(await explained({ conditions })).toContain('the populator of Provider.example.com fills its volume: 42 % of 1.0Gi');
  });
});

describe('VOL-4: an explanation of a claim whose driver is not asked', () => {
  it.each<Case>([
    { name: 'its selector', claim: { spec: { selector: { matchLabels: { a: 'b' } } } }, subject: 'persistentvolumeclaim data' },
    {
      name: 'a reserved parameter of its class',
      of: { parameters: { 'csi.storage.k8s.io/colour': 'red' } },
      subject: 'storageclass fast',
    },
    {
      name: 'half a secret of its class',
      of: { parameters: { 'csi.storage.k8s.io/provisioner-secret-name': 'a' } },
      subject: 'storageclass fast',
    },
    {
      name: 'attributes of another driver',
      claim: { spec: { volumeAttributesClassName: 'gold' } },
      cluster: { attributesClasses: [gold] },
      subject: 'volumeattributesclass gold',
    },
    { name: 'a source that is not there', claim: { spec: copy }, subject: 'persistentvolumeclaim other' },
    {
      name: 'a source that is not bound',
      claim: { spec: copy },
      cluster: { claims: [waitingClaim({ name: 'other', uid: 'o' })] },
      subject: 'persistentvolumeclaim other',
    },
  ])('says once what provisioning says: $name', async ({ claim: overrides, of, cluster: beside = {}, subject }) => {
    const claim = waitingClaim({ storageClassName: 'fast', annotations, ...overrides });
    const storageClass = aStoredClass({ provisioner: DRIVER, ...of });
    const claims = [claim, ...(beside.claims ?? [])];
    const cluster: Listed = { classes: [storageClass], csiNodes: [csiNodeOf(DRIVER)], ...beside, claims };
    const plan = planProvisioning(claim, {
      ...viewOrder(claim, {
        classNamed: () => storageClass,
        attributesClassNamed: (name) => cluster.attributesClasses?.find(({ metadata }) => metadata.name === name),
        claimAt: ({ name }) => claims.find(({ metadata }) => metadata.name === name),
        volumeNamed: () => undefined,
        grantsIn: () => [],
      }),
      hasVolume: false,
      isConnected: () => true,
      hasNode: () => true,
    });
    const problem = plan.kind === 'refuse' ? plan.refusal.problem : 'not refused';
    const events = [warningAbout('c-1', 'ProvisioningFailed', `failed to provision volume with StorageClass "fast": ${problem}`)];
    const explanation = explainClaim({ namespace: 'default', name: 'data' }, await clusterOf({ ...cluster, events }));
    expect(explanation.state).toBe('blocked');
    expect(explanation.findings.map((finding) => finding.subject)).toContain(subject);
    expect(textOfExplanation(explanation).split(problem)).toHaveLength(2);
  });
});
