import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PodSpec, PodTemplateSpec } from '#api/generated/kubernetes.ts';
import { cronJobs, deployments, namespaces, pods } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { Metrics } from '#kit/metrics.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import type { AuditRecord } from '../../contract/audit.ts';
import type { AdmissionPlugin } from '../../contract/admission.ts';
import { podSecurity } from './pod-security.ts';

const namespace = 'ten';
const USUAL: PodSpec = { containers: [{ name: 'a', image: 'i' }] };
const STRICT_TEXT =
  'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

let api: TestApi;
let metrics: Metrics;
let records: AuditRecord[];
let warnings: string[];
beforeEach(async () => {
  metrics = new Metrics();
  records = [];
  warnings = [];
  const clock = new FakeClock();
  const plugin = podSecurity({ clock, metrics });
  // why: a client in this process is not told of warnings
  const told: AdmissionPlugin = {
    ...plugin,
    validate: (request, view) => plugin.validate?.({ ...request, warn: (text) => void warnings.push(text) }, view),
  };
  api = await startTestApi({
    clock,
    admission: [told],
    audit: { record: (record) => void records.push(record) },
  });
});
afterEach(() => api.close());

const label = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]));
const makeNamespace = (labels: Readonly<Record<string, string>>): Promise<unknown> =>
  api.client.create(namespaces, { metadata: { name: namespace, labels: label(labels) }, spec: {} });
const relabel = (labels: Readonly<Record<string, string>>): Promise<unknown> =>
  api.client.patch(namespaces, {
    key: { namespace: '', name: namespace },
    patch: { type: 'merge', body: { metadata: { labels: label(labels) } } },
  });
const makePod = (name: string, spec: PodSpec = USUAL): Promise<unknown> => api.client.create(pods, { metadata: { name, namespace }, spec });
const annotations = (): unknown => Object.fromEntries(records.at(-1)?.notes.annotations ?? []);

describe('API-2: PodSecurity', () => {
  it('refuses pods that the level of their namespace does not allow, and says why', async () => {
    await makeNamespace({ enforce: 'restricted', audit: 'baseline' });
    await expect(makePod('p', { ...USUAL, hostPID: true })).rejects.toThrow(
      `pods "p" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostPID=true), ${STRICT_TEXT}`,
    );
    expect(annotations()).toMatchObject({
      'pod-security.kubernetes.io/enforce-policy': 'restricted:latest',
      'pod-security.kubernetes.io/audit-violations': 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    });
    expect(warnings).toEqual([]);
    expect(metrics.render()).toContain(
      'pod_security_evaluations_total{decision="deny",policy_level="restricted",policy_version="latest",mode="enforce",request_operation="create",resource="pod",subresource=""} 1',
    );
  });

  it('lets everything through without labels', async () => {
    await makeNamespace({});
    await makePod('p', { ...USUAL, hostPID: true });
    expect(annotations()).toMatchObject({ 'pod-security.kubernetes.io/enforce-policy': 'privileged:latest' });
  });

  it('only warns of templates', async () => {
    await makeNamespace({ enforce: 'restricted' });
    // why trusted: templates have no names or uids of their own
    const template = trusted<PodTemplateSpec>({ metadata: { labels: { a: 'b' } }, spec: USUAL });
    const selector = { matchLabels: { a: 'b' } };
    await api.client.create(deployments, { metadata: { name: 'd', namespace }, spec: { selector, template } });
    await api.client.create(cronJobs, {
      metadata: { name: 'c', namespace },
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { ...USUAL, restartPolicy: 'Never' } } } } },
    });
    const warning = `would violate PodSecurity "restricted:latest": ${STRICT_TEXT}`;
    expect(warnings).toEqual([warning, warning]);
  });

  it('lets pods that are there already be changed where nothing of their security changes', async () => {
    await makeNamespace({});
    await makePod('p');
    await relabel({ enforce: 'restricted' });
    const change = (body: object): Promise<unknown> =>
      api.client.patch(pods, { key: { namespace, name: 'p' }, patch: { type: 'strategic', body } });
    await change({ metadata: { labels: { a: 'b' } } });
    await expect(change({ spec: { containers: [{ name: 'a', image: 'other' }] } })).rejects.toThrow(
      'violates PodSecurity "restricted:latest"',
    );
  });

  it('warns of the pods that a stricter level would not let in', async () => {
    await makeNamespace({});
    for (const name of ['c', 'b', 'a']) await makePod(name, { ...USUAL, hostPID: true });
    await makePod('d', { ...USUAL, hostNetwork: true, hostPID: false, volumes: [{ name: 'h', hostPath: { path: '/' } }] });
    await makePod('ok');
    await relabel({ enforce: 'baseline' });
    expect(warnings).toEqual([
      'existing pods in namespace "ten" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 2 other pods): host namespaces',
      'd: host namespaces, hostPath volumes',
    ]);
    warnings.length = 0;
    await relabel({ enforce: 'privileged' });
    expect(warnings).toEqual([]);
  });

  it('refuses labels that it can not read, and leaves those alone that were there', async () => {
    await expect(makeNamespace({ enforce: 'strict' })).rejects.toThrow(
      'Namespace "ten" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    );
    await makeNamespace({});
    await expect(relabel({ 'warn-version': '1.2' })).rejects.toThrow('must be "latest" or "v1.x"');
  });
});
