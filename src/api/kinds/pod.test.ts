import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { Pod } from '../generated/kubernetes.ts';
import { formatFieldError } from '../meta/field-error.ts';
import { podKind } from './pod.ts';

const meta = { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const NOW = Date.parse('2026-01-01T01:00:00Z');
type Fields = Readonly<Record<string, unknown>>;
const C = { name: 'c', image: 'busybox' };

function pod(spec: Fields, more: Fields = {}): Pod {
  return podKind.applyDefaults(trusted<Pod>({ metadata: meta, spec: { containers: [C], ...spec }, ...more }));
}
function cell(object: Pod, name: string): unknown {
  return podKind.columns.find((column) => column.name === name)?.value(object, NOW);
}

describe('Pod defaults', () => {
  it('fills what upstream fills', () => {
    expect(pod({}).spec).toMatchObject({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
      securityContext: {},
      containers: [{ terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', resources: {} }],
    });
  });

  it.each([
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['busybox:1.36', 'IfNotPresent'],
    ['registry:5000/busybox', 'Always'],
    ['registry:5000/busybox:1', 'IfNotPresent'],
    ['busybox@sha256:0123', 'IfNotPresent'],
  ])('pulls %s: %s', (image, policy) => {
    expect(pod({ containers: [{ name: 'c', image }] }).spec.containers[0]?.imagePullPolicy).toBe(policy);
  });

  it.each([
    { name: 'ports', container: { ports: [{ containerPort: 80 }] }, expected: { ports: [{ containerPort: 80, protocol: 'TCP' }] } },
    {
      name: 'requests from limits',
      container: { resources: { limits: { cpu: '1' } } },
      expected: { resources: { limits: { cpu: '1' }, requests: { cpu: '1' } } },
    },
    {
      name: 'probes',
      container: { livenessProbe: { httpGet: { port: 80 } } },
      expected: {
        livenessProbe: {
          httpGet: { port: 80, path: '/', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
      },
    },
    {
      name: 'a gRPC probe',
      container: { readinessProbe: { grpc: { port: 80 } } },
      expected: { readinessProbe: { grpc: { port: 80, service: '' } } },
    },
    {
      name: 'field references',
      container: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
      expected: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } } }] },
    },
  ])('of $name', ({ container, expected }) => {
    expect(pod({ containers: [{ ...C, ...container }] }).spec.containers[0]).toMatchObject(expected);
  });

  it.each([
    { name: 'nothing is an empty directory', volume: {}, expected: { emptyDir: {} } },
    { name: 'configMap', volume: { configMap: { name: 'a' } }, expected: { configMap: { name: 'a', defaultMode: 420 } } },
    {
      name: 'secret',
      volume: { secret: { secretName: 'a', defaultMode: 256 } },
      expected: { secret: { secretName: 'a', defaultMode: 256 } },
    },
    { name: 'hostPath', volume: { hostPath: { path: '/' } }, expected: { hostPath: { path: '/', type: '' } } },
    {
      name: 'a projected token',
      volume: { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      expected: { projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] } },
    },
    {
      name: 'fields in a volume of their own',
      volume: { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      expected: {
        downwardAPI: { defaultMode: 420, items: [{ path: 'l', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.labels' } }] },
      },
    },
    {
      name: 'projected fields',
      volume: { projected: { sources: [{ downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }] } },
      expected: {
        projected: {
          defaultMode: 420,
          sources: [{ downwardAPI: { items: [{ path: 'l', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.labels' } }] } }],
        },
      },
    },
    {
      name: 'an ephemeral claim',
      volume: { ephemeral: { volumeClaimTemplate: { spec: {} } } },
      expected: { ephemeral: { volumeClaimTemplate: { spec: { volumeMode: 'Filesystem' } } } },
    },
  ])('VOL-11: of the volume $name', ({ volume, expected }) => {
    expect(pod({ volumes: [{ name: 'v', ...volume }] }).spec.volumes).toEqual([{ name: 'v', ...expected }]);
  });

  it.each([
    { resources: [{}], qos: 'BestEffort' },
    { resources: [{ limits: { cpu: '1', memory: '1Gi' } }], qos: 'Guaranteed' },
    { resources: [{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }], qos: 'Burstable' },
    { resources: [{ limits: { cpu: '1', memory: '1Gi' } }, {}], qos: 'Burstable' },
  ])('a new pod is pending and $qos', ({ resources, qos }) => {
    const containers = resources.map((entry, index) => ({ ...C, name: `c${index}`, resources: entry }));
    expect(podKind.prepareForCreate(pod({ containers })).status).toEqual({ phase: 'Pending', qosClass: qos });
  });
});

describe('Pod validation', () => {
  const mount = (more: Fields): Fields => ({
    containers: [{ ...C, volumeMounts: [{ name: 'v', mountPath: '/v', ...more }] }],
    volumes: [{ name: 'v' }],
  });
  const inContainer = (more: Fields): Fields => ({ containers: [{ ...C, ...more }] });

  it.each([
    { name: 'a right one', spec: mount({}), faults: [] },
    { name: 'no container', spec: { containers: [] }, faults: ['spec.containers: Required value'] },
    { name: 'no image', spec: { containers: [{ name: 'c' }] }, faults: ['spec.containers[0].image: Required value'] },
    {
      name: 'the same name twice',
      spec: { containers: [C], initContainers: [C] },
      faults: ['spec.initContainers[0].name: Duplicate value: "c"'],
    },
    {
      name: 'a volume that is not there',
      spec: { ...mount({}), volumes: [] },
      faults: ['spec.containers[0].volumeMounts[0].name: Not found: "v": add a volume of that name to spec.volumes'],
    },
    { name: 'no mount path', spec: mount({ mountPath: '' }), faults: ['spec.containers[0].volumeMounts[0].mountPath: Required value'] },
    {
      name: 'a way out of the volume',
      spec: mount({ subPath: '../x' }),
      faults: ['spec.containers[0].volumeMounts[0].subPath: Invalid value: "../x": must not contain \'..\''],
    },
    {
      name: 'VOL-19: options of a mount that are none, or twice, and any for an image',
      spec: {
        ...inContainer({
          volumeMounts: [
            { name: 'v', mountPath: '/a', bindMountOptions: ['noexec', 'ro', 'noexec'] },
            { name: 'i', mountPath: '/i', bindMountOptions: ['nodev'] },
            { name: 'v', mountPath: '/b', bindMountOptions: ['nodev', 'noexec', 'nosuid'] },
            { name: 'i', mountPath: '/j', bindMountOptions: [] },
          ],
        }),
        volumes: [{ name: 'v' }, { name: 'i', image: { reference: 'busybox' } }],
      },
      faults: [
        'spec.containers[0].volumeMounts[0].bindMountOptions[1]: Unsupported value: "ro": supported values: "nodev", "noexec", "nosuid"',
        'spec.containers[0].volumeMounts[0].bindMountOptions[2]: Duplicate value: "noexec"',
        'spec.containers[0].volumeMounts[1].bindMountOptions: Forbidden: may not be set for image volumes, which are read-only',
      ],
    },
    ...[-1, 0o2000].map((mode) => ({
      name: `VOL-19: an emptyDir of mode ${mode}`,
      spec: { volumes: [{ name: 'v', emptyDir: { mode } }] },
      faults: [`spec.volumes[0].emptyDir.mode: Invalid value: ${mode}: must be a number between 0 and 01777 (octal), both inclusive`],
    })),
    ...[0, 0o1777].map((mode) => ({
      name: `VOL-19: nothing in an emptyDir of mode ${mode}`,
      spec: { volumes: [{ name: 'v', emptyDir: { mode } }] },
      faults: [],
    })),
    {
      name: 'two sources',
      spec: { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
      faults: ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    },
    {
      name: 'a claim without name',
      spec: { volumes: [{ name: 'v', persistentVolumeClaim: {} }] },
      faults: ['spec.volumes[0].persistentVolumeClaim.claimName: Required value'],
    },
    {
      name: 'two volumes of one name',
      spec: { volumes: [{ name: 'v' }, { name: 'v' }] },
      faults: ['spec.volumes[1].name: Duplicate value: "v"'],
    },
    {
      name: 'an unknown hostPath type',
      spec: { volumes: [{ name: 'v', hostPath: { path: '/', type: 'Dir' } }] },
      faults: [
        'spec.volumes[0].hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
    },
    {
      name: 'a mode that is no mode',
      spec: { volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 9999 } }] },
      faults: ['spec.volumes[0].secret.defaultMode: Invalid value: 9999: must be a number between 0 and 0777 (octal), both inclusive'],
    },
    {
      name: 'an unfit ephemeral claim',
      spec: { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }] },
      faults: ['spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value'],
    },
    {
      name: 'labels of an ephemeral claim that are none',
      spec: {
        volumes: [
          {
            name: 'v',
            ephemeral: {
              volumeClaimTemplate: {
                metadata: { labels: { a: '-' } },
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            },
          },
        ],
      },
      faults: [expect.stringMatching(/^spec\.volumes\[0\]\.ephemeral\.volumeClaimTemplate\.metadata\.labels\.a: Invalid value: "-"/)],
    },
    {
      name: 'a device of a directory',
      spec: { ...inContainer({ volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }), volumes: [{ name: 'v', emptyDir: {} }] },
      faults: [
        'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      ],
    },
    {
      name: 'a request above the limit',
      spec: inContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      faults: ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    },
    {
      name: 'probes of a container that ends before the others start, and a policy that is none',
      spec: {
        initContainers: [{ ...C, name: 'first', startupProbe: { exec: { command: ['true'] } } }],
        securityContext: { fsGroupChangePolicy: '' },
      },
      faults: [
        'spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
        'spec.securityContext.fsGroupChangePolicy: Unsupported value: "": supported values: "Always", "OnRootMismatch"',
      ],
    },
    {
      name: 'handlers that reach nothing',
      spec: inContainer({
        livenessProbe: { httpGet: { path: '/', scheme: 'FTP' } },
        readinessProbe: { tcpSocket: { port: 'A_B' } },
        lifecycle: { preStop: { httpGet: { port: 70_000 } } },
      }),
      faults: [
        'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
        'spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: "A_B": must be at most 15 lower case letters, digits and single hyphens, with at least one letter',
        'spec.containers[0].lifecycle.preStop.httpGet.port: Invalid value: 70000: must be between 1 and 65535, inclusive',
      ],
    },
    {
      name: 'a device that stands twice',
      spec: {
        ...inContainer({
          volumeDevices: [
            { name: 'v', devicePath: '/dev/x' },
            { name: 'v', devicePath: '/dev/y' },
          ],
        }),
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
      },
      faults: ['spec.containers[0].volumeDevices[1].name: Invalid value: "v": must be unique'],
    },
    {
      name: 'profiles of the kernel that are none',
      spec: {
        securityContext: { seccompProfile: { type: 'Some' }, appArmorProfile: { type: 'RuntimeDefault', localhostProfile: 'p' } },
        ...inContainer({ securityContext: { seccompProfile: { localhostProfile: 'p' }, appArmorProfile: { type: 'Localhost' } } }),
      },
      faults: [
        'spec.containers[0].securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set',
        'spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "p": can only be set when seccomp type is Localhost',
        'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
        'spec.securityContext.seccompProfile.type: Unsupported value: "Some": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
        'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "p": can only be set when AppArmor type is Localhost',
      ],
    },
    {
      name: 'profiles of the node that lead out of their folder, or have no name',
      spec: {
        securityContext: {
          seccompProfile: { type: 'Localhost', localhostProfile: '/a/../b' },
          appArmorProfile: { type: 'Localhost', localhostProfile: '' },
        },
        ...inContainer({ securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: ' p' } } }),
      },
      faults: [
        'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: " p": must not be padded with whitespace',
        'spec.securityContext.seccompProfile.localhostProfile: Invalid value: "/a/../b": must be a relative path',
        'spec.securityContext.seccompProfile.localhostProfile: Invalid value: "/a/../b": must not contain \'..\'',
        'spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
      ],
    },
    {
      name: 'an unknown restart policy',
      spec: { restartPolicy: 'Sometimes' },
      faults: ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'],
    },
    {
      name: 'a port out of range',
      spec: inContainer({ ports: [{ containerPort: 70_000 }] }),
      faults: ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    },
    {
      name: 'a variable from nowhere',
      spec: inContainer({ env: [{ name: 'A', valueFrom: {} }] }),
      faults: [
        'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ],
    },
    {
      name: 'a probe that probes nothing',
      spec: inContainer({ livenessProbe: {} }),
      faults: ['spec.containers[0].livenessProbe: Required value: must specify a handler type'],
    },
    {
      name: 'a toleration of nothing',
      spec: { tolerations: [{ operator: 'Equal' }] },
      faults: [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    },
  ])('is refused for $name', ({ spec, faults }) => {
    expect(podKind.validate(pod(spec)).map(formatFieldError)).toEqual(faults);
  });

  it.each([
    { name: 'an image', next: { containers: [{ ...C, image: 'alpine', imagePullPolicy: 'Always' }] }, faults: [] },
    { name: 'an added toleration', next: { tolerations: [{ operator: 'Exists' }] }, faults: [] },
    { name: 'a deadline', next: { activeDeadlineSeconds: 5 }, faults: [] },
    { name: 'a command', next: { containers: [{ ...C, command: ['x'] }] }, faults: ['spec'] },
    { name: 'the number of containers', next: { containers: [C, { ...C, name: 'd' }] }, faults: ['spec.containers'] },
    { name: 'the node', next: { nodeName: 'n2' }, faults: ['spec'] },
    { name: 'the volumes', next: { volumes: [{ name: 'v' }] }, faults: ['spec'] },
  ])('change of $name', ({ next, faults }) => {
    expect(podKind.validateUpdate(pod(next), pod({})).map(({ field }) => field)).toEqual(faults);
  });
});

describe('Pod deletion', () => {
  it.each([
    { name: 'on a node', object: pod({ nodeName: 'n' }), graceSec: 30 },
    { name: 'with its own grace', object: pod({ nodeName: 'n', terminationGracePeriodSeconds: 5 }), graceSec: 5 },
    { name: 'that nobody scheduled', object: pod({}), graceSec: 0 },
    { name: 'that ended', object: pod({ nodeName: 'n' }, { status: { phase: 'Succeeded' } }), graceSec: 0 },
  ])('gives a pod $name $graceSec s', ({ object, graceSec }) => {
    expect(podKind.deletionGraceSec(object)).toBe(graceSec);
  });
});

describe('Pod row', () => {
  const running = { name: 'c', ready: true, restartCount: 0, state: { running: {} } };
  const waiting = (reason: string): Fields => ({
    name: 'c',
    ready: false,
    restartCount: 3,
    state: { waiting: { reason } },
    lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:59:30Z' } },
  });
  const ended = (terminated: Fields): Fields => ({
    name: 'c',
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode: 0, ...terminated } },
  });
  const init = (statuses: readonly unknown[], more: Fields = {}): Pod =>
    pod(
      {
        initContainers: [
          { ...C, name: 'i' },
          { ...C, name: 'j' },
        ],
      },
      { status: { phase: 'Pending', initContainerStatuses: statuses, ...more } },
    );

  it.each([
    { name: 'pending', object: pod({}, { status: { phase: 'Pending' } }), cells: ['0/1', 'Pending', '0'] },
    { name: 'running', object: pod({}, { status: { phase: 'Running', containerStatuses: [running] } }), cells: ['1/1', 'Running', '0'] },
    {
      name: 'waiting',
      object: pod({}, { status: { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] } }),
      cells: ['0/1', 'CrashLoopBackOff', '3 (30s ago)'],
    },
    {
      name: 'done',
      object: pod({}, { status: { phase: 'Succeeded', containerStatuses: [ended({ reason: 'Completed' })] } }),
      cells: ['0/1', 'Completed', '0'],
    },
    {
      name: 'ended by a code',
      object: pod({}, { status: { phase: 'Failed', containerStatuses: [ended({ exitCode: 3 })] } }),
      cells: ['0/1', 'ExitCode:3', '0'],
    },
    {
      name: 'ended by a signal',
      object: pod({}, { status: { phase: 'Failed', containerStatuses: [ended({ exitCode: 137, signal: 9 })] } }),
      cells: ['0/1', 'Signal:9', '0'],
    },
    {
      name: 'one of two done',
      object: pod(
        { containers: [C, { ...C, name: 'd' }] },
        { status: { phase: 'Running', containerStatuses: [ended({ reason: 'Completed' }), { ...running, name: 'd' }] } },
      ),
      cells: ['1/2', 'NotReady', '0'],
    },
    { name: 'evicted', object: pod({}, { status: { phase: 'Failed', reason: 'Evicted' } }), cells: ['0/1', 'Evicted', '0'] },
    {
      name: 'going',
      object: pod(
        {},
        { metadata: { ...meta, deletionTimestamp: meta.creationTimestamp }, status: { phase: 'Running', containerStatuses: [running] } },
      ),
      cells: ['1/1', 'Terminating', '0'],
    },
    { name: 'initialising', object: init([{ ...running, name: 'i' }]), cells: ['0/1', 'Init:0/2', '0'] },
    {
      name: 'half initialised',
      object: init([
        { ...ended({}), name: 'i' },
        { ...running, name: 'j' },
      ]),
      cells: ['0/1', 'Init:1/2', '0'],
    },
    {
      name: 'failing to initialise',
      object: init([{ ...waiting('CrashLoopBackOff'), name: 'i' }]),
      cells: ['0/1', 'Init:CrashLoopBackOff', '3 (30s ago)'],
    },
    {
      name: 'failed to initialise',
      object: init([{ ...ended({ exitCode: 1, reason: 'Error' }), name: 'i' }]),
      cells: ['0/1', 'Init:Error', '0'],
    },
  ])('of a pod that is $name', ({ object, cells }) => {
    expect(['Ready', 'Status', 'Restarts'].map((name) => cell(object, name))).toEqual(cells);
  });

  it('counts sidecars', () => {
    const object = pod(
      { initContainers: [{ ...C, name: 's', restartPolicy: 'Always' }] },
      { status: { phase: 'Running', initContainerStatuses: [{ ...running, name: 's', started: true }], containerStatuses: [running] } },
    );
    expect(cell(object, 'Ready')).toBe('2/2');
  });
});
