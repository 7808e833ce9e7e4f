import type { PersistentVolumeClaim, PodTemplateSpec } from '#api/generated/kubernetes.ts';
import { namespaces, serviceAccounts, statefulSets } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { type InitialObject, initial } from '../../initial-objects.ts';
import type { ModuleParts } from '../module.ts';
import { DEMO_NAMESPACE, foreignObjects } from './foreign-objects.ts';

/** What the module demo is at work with. */
export const demoParts: ModuleParts = {
  initialObjects: () => ({ demo: demoObjects() }),
  uses: foreignObjects,
};

/** Appends a line a second to a file on its claim, and prints the same line to its log. */
const DEMO_COMMAND =
  'trap "exit 0" TERM; while true; do line="$(date -u +%FT%TZ) $(hostname) was here"; echo "$line" | tee -a /data/log.txt; sleep 1; done';

/** The sample application: a namespace, and a StatefulSet whose pod writes to its claim. */
function demoObjects(): readonly InitialObject[] {
  const namespace = DEMO_NAMESPACE;
  return [
    initial(namespaces, { metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } }, spec: {} }),
    // why: the pod needs it, and the controller that makes it starts later
    initial(serviceAccounts, { metadata: { name: 'default', namespace } }),
    initial(statefulSets, {
      metadata: { name: 'writer', namespace, labels: { app: 'writer' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'writer' } },
        // why trusted: templates have no names or uids of their own, though the type of their metadata asks for them
        template: trusted<PodTemplateSpec>({
          metadata: { labels: { app: 'writer' } },
          spec: {
            terminationGracePeriodSeconds: 2,
            containers: [
              {
                name: 'writer',
                image: 'busybox',
                command: ['sh', '-c', DEMO_COMMAND],
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
          },
        }),
        volumeClaimTemplates: trusted<PersistentVolumeClaim[]>([
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ]),
      },
    }),
  ];
}
