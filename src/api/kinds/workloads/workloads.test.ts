import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { KubeObject } from '../../meta/object.ts';
import { faultsOf, type Fields, kindNamed, type LooseObject, made as madeOf, rowOf } from '#testing/builders/any-kind.ts';

const template = (spec: Fields = {}, labels: Fields | undefined = { a: 'b' }): Fields => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const podSet = (spec: Fields = {}): Fields => ({ selector: { matchLabels: { a: 'b' } }, template: template(), ...spec });
const jobSpec = (spec: Fields = {}): Fields => ({ template: template({ restartPolicy: 'Never' }), ...spec });

function made(name: string, spec: Fields, more: Fields = {}): Loose {
  return trusted<Loose>(madeOf(name, { ...more, spec }));
}
type Loose = LooseObject & { readonly spec: Fields };

describe('API-2: workloads are defaulted as upstream does it', () => {
  it.each([
    {
      kind: 'Deployment',
      spec: podSet(),
      filled: {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      },
    },
    { kind: 'ReplicaSet', spec: podSet(), filled: { replicas: 1 } },
    {
      kind: 'StatefulSet',
      spec: podSet({ volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: {} }] }),
      filled: {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        volumeClaimUpdatePolicy: 'OnClaimDelete',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        volumeClaimTemplates: [{ kind: 'PersistentVolumeClaim', spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } }],
      },
    },
    { kind: 'DaemonSet', spec: podSet(), filled: { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } } },
    {
      kind: 'Job',
      spec: jobSpec(),
      filled: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        podReplacementPolicy: 'TerminatingOrFailed',
      },
    },
    { kind: 'Job', spec: jobSpec({ backoffLimitPerIndex: 1, completions: 3 }), filled: { completions: 3, backoffLimit: 2_147_483_647 } },
    {
      kind: 'CronJob',
      spec: { schedule: '@daily', jobTemplate: { spec: jobSpec() } },
      filled: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
    },
  ])('$kind', ({ kind, spec, filled }) => {
    expect(made(kind, spec).spec).toMatchObject(filled);
  });

  it('a job selects its pods by its uid and gives them its name', () => {
    const job = made('Job', jobSpec());
    const own = {
      'batch.kubernetes.io/controller-uid': 'u-1',
      'batch.kubernetes.io/job-name': 'n',
      'controller-uid': 'u-1',
      'job-name': 'n',
    };
    expect(job).toMatchObject({
      metadata: { labels: { a: 'b', ...own } },
      spec: {
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-1' } },
        template: { metadata: { labels: { a: 'b', ...own } } },
      },
    });
    expect(made('Job', jobSpec({ template: { spec: {} } })).metadata.labels).toEqual(own);
    expect(made('Job', podSet({ manualSelector: true })).spec['selector']).toEqual({ matchLabels: { a: 'b' } });
  });

  it('a new workload has no status of its maker', () => {
    expect(made('Deployment', podSet(), { status: { replicas: 5 } }).status).toEqual({});
    expect(made('ReplicaSet', podSet(), { status: { replicas: 5 } }).status).toEqual({ replicas: 0 });
  });
});

describe('API-2: faults of workloads are told in the words of upstream', () => {
  const MISMATCH = '`selector` does not match template `labels`';
  const percent = "a valid percent string must be a numeric string followed by an ending '%'";
  it.each([
    {
      kind: 'Deployment',
      spec: { template: template() },
      faults: ['spec.selector: Required value', `spec.template.metadata.labels: Invalid value: {"a":"b"}: ${MISMATCH}`],
    },
    {
      kind: 'Deployment',
      spec: podSet({ selector: { matchLabels: { x: 'y' } } }),
      faults: [`spec.template.metadata.labels: Invalid value: {"a":"b"}: ${MISMATCH}`],
    },
    {
      kind: 'Deployment',
      spec: podSet({ selector: {} }),
      faults: ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    },
    {
      kind: 'Deployment',
      spec: podSet({ replicas: -1 }),
      faults: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    },
    {
      kind: 'Deployment',
      spec: podSet({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
      faults: ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    },
    {
      kind: 'Deployment',
      spec: podSet({ strategy: { rollingUpdate: { maxSurge: '' } } }),
      faults: [expect.stringMatching(/^spec\.strategy\.rollingUpdate\.maxSurge: Invalid value: "": a valid percent string/)],
    },
    {
      kind: 'Job',
      spec: jobSpec({ completionMode: '' }),
      faults: ['spec.completionMode: Unsupported value: "": supported values: "Indexed", "NonIndexed"'],
    },
    {
      kind: 'Deployment',
      spec: podSet({ strategy: { type: 'Some' } }),
      faults: ['spec.strategy: Unsupported value: {"type":"Some"}: supported values: "Recreate", "RollingUpdate"'],
    },
    {
      kind: 'Deployment',
      spec: podSet({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }),
      faults: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
    },
    {
      kind: 'Deployment',
      spec: podSet({ strategy: { rollingUpdate: { maxUnavailable: '150%' } } }),
      faults: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "150%": must not be greater than 100%'],
    },
    {
      kind: 'Deployment',
      spec: podSet({ strategy: { rollingUpdate: { maxSurge: 'some' } } }),
      faults: [
        `spec.strategy.rollingUpdate.maxSurge: Invalid value: "some": ${percent} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
      ],
    },
    {
      kind: 'Deployment',
      spec: podSet({ minReadySeconds: 600 }),
      faults: ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
    },
    {
      kind: 'ReplicaSet',
      spec: podSet({ template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 5 }) }),
      faults: [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
      ],
    },
    {
      kind: 'ReplicaSet',
      spec: podSet({ template: template({ containers: [] }) }),
      faults: ['spec.template.spec.containers: Required value'],
    },
    {
      kind: 'StatefulSet',
      spec: podSet({
        podManagementPolicy: 'Some',
        updateStrategy: { type: 'OnDelete', rollingUpdate: {} },
        volumeClaimUpdatePolicy: 'Now',
      }),
      faults: [
        `spec.podManagementPolicy: Invalid value: "Some": must be 'OrderedReady' or 'Parallel'`,
        `spec.updateStrategy.rollingUpdate: Invalid value: {}: only allowed for updateStrategy 'RollingUpdate'`,
        'spec.volumeClaimUpdatePolicy: Unsupported value: "Now": supported values: "InPlace", "OnClaimDelete"',
      ],
    },
    {
      kind: 'StatefulSet',
      spec: podSet({
        volumeClaimTemplates: [
          { metadata: { name: 'data' }, spec: CLAIM },
          { metadata: { name: 'data' }, spec: CLAIM },
        ],
        template: template({
          hostname: 'A_B',
          containers: [
            {
              name: 'c',
              image: 'i',
              volumeMounts: [
                { name: 'data', mountPath: '/data' },
                { name: 'logs', mountPath: '/logs' },
              ],
            },
          ],
        }),
      }),
      faults: ['spec.template.spec.containers[0].volumeMounts[1].name: Not found: "logs": add a volume of that name to spec.volumes'],
    },
    {
      kind: 'StatefulSet',
      spec: podSet({ serviceName: 'A_B', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['RWO'] } }] }),
      faults: [
        expect.stringMatching(/^spec\.volumeClaimTemplates\[0\]\.spec\.accessModes: Unsupported value: "RWO"/),
        'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
        expect.stringMatching(/^spec\.serviceName: Invalid value: "A_B"/),
      ],
    },
    {
      kind: 'DaemonSet',
      spec: podSet({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }),
      faults: ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
    },
    {
      kind: 'DaemonSet',
      spec: podSet({ updateStrategy: { rollingUpdate: { maxSurge: 1 } } }),
      faults: ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
    },
    {
      kind: 'Job',
      spec: jobSpec({ template: template() }),
      faults: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    },
    {
      kind: 'Job',
      spec: jobSpec({ completionMode: 'Indexed', parallelism: 2 }),
      faults: ['spec.completions: Required value: when completion mode is Indexed'],
    },
    {
      kind: 'CronJob',
      spec: { schedule: '61 * * * *', timeZone: 'Nowhere/Town', jobTemplate: { spec: jobSpec() } },
      faults: [
        'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61 (minute: 0 to 59)',
        'spec.timeZone: Invalid value: "Nowhere/Town": unknown time zone Nowhere/Town',
      ],
    },
    {
      kind: 'CronJob',
      spec: { schedule: 'TZ=UTC * * * * *', jobTemplate: { spec: jobSpec({ manualSelector: true }) } },
      faults: [
        'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    },
  ])('$kind: $faults', ({ kind, spec, faults }) => {
    expect(faultsOf(kind, made(kind, spec))).toEqual(faults);
  });

  it('names of CronJobs leave room for those of their jobs', () => {
    const cronJob = made('CronJob', { schedule: '@daily', jobTemplate: { spec: jobSpec() } }, { metadata: { name: 'n'.repeat(53) } });
    expect(faultsOf('CronJob', cronJob)).toEqual([expect.stringContaining('must be no more than 52 characters')]);
  });

  it.each([
    { kind: 'Deployment', before: podSet(), after: podSet({ selector: { matchLabels: { c: 'd' } } }), fields: ['spec.selector'] },
    { kind: 'Deployment', before: podSet(), after: podSet({ replicas: 3, template: template({}, { c: 'd' }) }), fields: [] },
    { kind: 'StatefulSet', before: podSet(), after: podSet({ serviceName: 'x' }), fields: ['spec'] },
    { kind: 'StatefulSet', before: podSet(), after: podSet({ replicas: 3, minReadySeconds: 4 }), fields: [] },
    { kind: 'StatefulSet', before: podSet(), after: podSet({ volumeClaimUpdatePolicy: 'InPlace' }), fields: [] },
    {
      kind: 'StatefulSet',
      before: podSet({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: CLAIM }] }),
      after: podSet({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { ...CLAIM, storageClassName: 'x' } }] }),
      fields: ['spec.volumeClaimTemplates[0].spec.storageClassName'],
    },
    { kind: 'Job', before: jobSpec(), after: jobSpec({ parallelism: 2, completions: 1 }), fields: [] },
    { kind: 'Job', before: jobSpec({ completions: 1 }), after: jobSpec({ completions: 2 }), fields: ['spec.completions'] },
    { kind: 'Job', before: jobSpec(), after: jobSpec({ template: template({ restartPolicy: 'OnFailure' }) }), fields: ['spec.template'] },
    {
      kind: 'Job',
      before: jobSpec({ suspend: true }),
      after: jobSpec({ suspend: true, template: template({ restartPolicy: 'Never', nodeSelector: { a: 'b' } }) }),
      fields: [],
    },
  ])('changes of $kind: $fields', ({ kind, before, after, fields }) => {
    const faults = kindNamed(kind).validateUpdate(made(kind, after), made(kind, before));
    expect(faults.map(({ field }) => field)).toEqual(fields);
  });
});

describe('API-1: tables of workloads', () => {
  it.each([
    {
      kind: 'Deployment',
      spec: podSet(),
      status: { readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 },
      row: ['n', '1/1', 1, 1, '30s', 'c', 'i', 'a=b'],
    },
    { kind: 'ReplicaSet', spec: podSet({ replicas: 2 }), status: { replicas: 1 }, row: ['n', 2, 1, 0, '30s', 'c', 'i', 'a=b'] },
    { kind: 'StatefulSet', spec: podSet(), status: { readyReplicas: 1 }, row: ['n', '1/1', '30s', 'c', 'i'] },
    {
      kind: 'DaemonSet',
      spec: podSet({ template: template({ nodeSelector: { z: '1', k: '2' } }) }),
      status: { desiredNumberScheduled: 1, numberReady: 1 },
      row: ['n', 1, 0, 1, 0, 0, 'k=2,z=1', '30s', 'c', 'i', 'a=b'],
    },
    {
      kind: 'Job',
      spec: podSet({ manualSelector: true }),
      status: {
        startTime: '2026-01-01T00:00:00Z',
        completionTime: '2026-01-01T00:00:20Z',
        succeeded: 1,
        conditions: [{ type: 'Complete', status: 'True' }],
      },
      row: ['n', 'Complete', '1/1', '20s', '30s', 'c', 'i', 'a=b'],
    },
    {
      kind: 'CronJob',
      spec: { schedule: '@daily', jobTemplate: { spec: jobSpec() } },
      status: { active: [{}], lastScheduleTime: '2026-01-01T00:00:10Z' },
      row: ['n', '@daily', '<none>', 'False', 1, '20s', '30s', 'c', 'i', '<none>'],
    },
  ])('$kind', ({ kind, spec, status, row }) => {
    const object = trusted<KubeObject>({ ...made(kind, spec), status });
    expect(rowOf(kind, object)).toEqual(row);
  });

  it('a revision names its controller', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true };
    const revision = made('ControllerRevision', {}, { metadata: { ownerReferences: [owner] }, revision: 3, data: {} });
    expect(rowOf('ControllerRevision', revision)).toEqual(['n', 'statefulset.apps/web', 3, '30s']);
  });
});

it('API-2: a StatefulSet of older rules can be changed, whatever claims it asks for', () => {
  const kind = kindNamed('StatefulSet');
  const old = made('StatefulSet', podSet({ serviceName: 'A_B', volumeClaimTemplates: [{ metadata: { name: 'data' } }] }));
  expect(kind.validate(old, old)).toEqual([]);
});
