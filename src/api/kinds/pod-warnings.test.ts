import { expect, it } from 'vitest';
import { faultsOf, kindNamed, made } from '#testing/builders/any-kind.ts';
import { podWarnings } from './pod-warnings.ts';

const container = (more: object, name = 'c'): object => ({ name, image: 'i', ...more });
const template = (more: object): object => ({ metadata: { labels: { a: 'b' } }, spec: { containers: [container({})], ...more } });

const DUPLICATE = [
  { name: 'A', value: '1' },
  { name: 'A', value: '2' },
];

it.each([
  {
    name: 'a variable that stands twice',
    spec: { containers: [container({ env: DUPLICATE })] },
    warnings: ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  },
  {
    name: 'a variable that is made of itself',
    spec: { containers: [container({ env: [DUPLICATE[0], { name: 'A', value: '$(A)2' }] })] },
    warnings: [],
  },
  {
    name: 'ports that stand twice',
    spec: {
      containers: [
        container({ ports: [{ containerPort: 80 }, { containerPort: 80 }] }),
        container(
          {
            ports: [
              { containerPort: 80, hostPort: 8080 },
              { containerPort: 80, protocol: 'UDP' },
            ],
          },
          'd',
        ),
      ],
    },
    warnings: [
      'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[1]',
    ],
  },
  {
    name: 'names of ports that stand twice',
    spec: {
      initContainers: [container({ ports: [{ containerPort: 1, name: 'web' }] }, 'i')],
      containers: [container({ ports: [{ containerPort: 2, name: 'web' }] })],
    },
    warnings: [
      'spec.containers[0].ports[0]: duplicate port name "web" with spec.initContainers[0].ports[0], services and probes that select ports by name will use spec.initContainers[0].ports[0]',
    ],
  },
  {
    name: 'old labels, constraints that select nothing, and secrets twice',
    spec: {
      containers: [container({})],
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }],
      imagePullSecrets: [{ name: 'a' }, { name: 'a' }],
    },
    warnings: [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
    ],
  },
])('API-2: a pod with $name is let through with $warnings', ({ spec, warnings }) => {
  const pod = made('Pod', { spec });
  expect(kindNamed('Pod').warnings?.(pod, undefined)).toEqual(warnings);
  expect(kindNamed('Pod').warnings?.(pod, pod)).toEqual([]);
});

it('API-2: a workload is warned of its template where that changed', () => {
  const spec = { selector: { matchLabels: { a: 'b' } }, template: template({ containers: [container({ env: DUPLICATE })] }) };
  const deployment = made('Deployment', { spec });
  const { warnings } = kindNamed('Deployment');
  const told = ['spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'];
  expect(warnings?.(deployment, undefined)).toEqual(told);
  const newer = { ...deployment, metadata: { ...deployment.metadata, generation: 7 } };
  expect(warnings?.(newer, deployment)).toEqual(told);
  expect(warnings?.(newer, newer)).toEqual([]);
  expect(podWarnings({}, 'x')).toEqual([]);
});

it('API-2: what only a pod gets is not in a template', () => {
  const resources = { limits: { cpu: '1' } };
  const spec = { hostNetwork: true, containers: [container({ resources, ports: [{ containerPort: 80 }] })] };
  const inPod = { resources: { requests: { cpu: '1' } }, ports: [{ hostPort: 80 }] };
  expect(made('Pod', { spec })).toMatchObject({ spec: { enableServiceLinks: true, containers: [inPod] } });
  const deployment = JSON.stringify(made('Deployment', { spec: { template: template(spec) } }));
  for (const word of ['enableServiceLinks', 'requests', 'hostPort']) expect(deployment).not.toContain(word);
});

const windows = (hostProcess: boolean): object => ({ securityContext: { windowsOptions: { hostProcess } } });
it.each([
  {
    spec: { containers: [container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } })] },
    faults: ['spec.containers[0].securityContext'],
  },
  {
    spec: { containers: [container({ securityContext: { procMount: 'Unmasked' } })] },
    faults: ['spec.containers[0].securityContext.procMount'],
  },
  { spec: { hostUsers: false, containers: [container({ securityContext: { procMount: 'Unmasked' } })] }, faults: [] },
  { spec: { containers: [container(windows(true))] }, faults: ['spec.hostNetwork'] },
  { spec: { hostNetwork: true, containers: [container(windows(true)), container({}, 'd')] }, faults: ['spec'] },
  {
    spec: { ...windows(true), hostNetwork: true, containers: [container(windows(false))] },
    faults: ['spec.containers[0].securityContext.windowsOptions.hostProcess'],
  },
  { spec: { containers: [container({ image: ' ' })] }, faults: ['spec.containers[0].image'] },
])('API-2: a pod is refused for $faults', ({ spec, faults }) => {
  expect(
    kindNamed('Pod')
      .validate(made('Pod', { spec }))
      .map(({ field }) => field),
  ).toEqual(faults);
});

it('API-2: the image of a template may be filled in later', () => {
  const spec = { selector: { matchLabels: { a: 'b' } }, template: template({ containers: [container({ image: ' ' })] }) };
  expect(faultsOf('Deployment', made('Deployment', { spec }))).toEqual([]);
});
