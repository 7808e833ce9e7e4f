import type { CustomResourceDefinitionVersion } from '../generated/kubernetes.ts';

const TEXT = { type: 'string' };

/**
 * `snapshot.storage.k8s.io/v1alpha1`, of which old manifests are still about: it is named in discovery so that clients send them here,
 * and refused with the manifest that is right today (requirement SNAP: bad-snapshot-v1alpha1).
 */
export const OLD_SNAPSHOT_VERSION: CustomResourceDefinitionVersion = {
  name: 'v1alpha1',
  served: true,
  storage: false,
  deprecated: true,
  deprecationWarning: 'snapshot.storage.k8s.io/v1alpha1 is no longer accepted: use snapshot.storage.k8s.io/v1',
  schema: {
    openAPIV3Schema: {
      type: 'object',
      description: 'The form of VolumeSnapshots before 2020. It is refused, with the form of today: use snapshot.storage.k8s.io/v1.',
      properties: {
        apiVersion: TEXT,
        kind: TEXT,
        metadata: { type: 'object' },
        spec: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: {
            snapshotClassName: TEXT,
            source: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { name: TEXT, kind: TEXT } },
          },
        },
      },
      'x-kubernetes-preserve-unknown-fields': true,
      'x-kubernetes-validations': [
        {
          rule: 'false',
          message: 'apiVersion snapshot.storage.k8s.io/v1alpha1 is no longer accepted: write apiVersion: snapshot.storage.k8s.io/v1',
          messageExpression: [
            "'apiVersion: snapshot.storage.k8s.io/v1alpha1 is no longer accepted. Write it so: apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot, spec: {volumeSnapshotClassName: '",
            "(has(self.spec) && has(self.spec.snapshotClassName) ? self.spec.snapshotClassName : '<class>')",
            "', source: {persistentVolumeClaimName: '",
            "(has(self.spec) && has(self.spec.source) && has(self.spec.source.name) ? self.spec.source.name : '<claim>')",
            "'}}'",
          ].join(' + '),
        },
      ],
    },
  },
};
