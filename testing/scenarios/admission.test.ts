import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { isRecord } from '#kit/json.ts';
import { ensurePki } from '#machinery/apiserver/pki/pki.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: small-claims}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [persistentvolumeclaims]}
  variables:
  - {name: size, expression: "quantity(object.spec.resources.requests.storage)"}
  validations:
  - expression: "!variables.size.isGreaterThan(quantity('2Gi'))"
    messageExpression: "'at most 2Gi, not ' + object.spec.resources.requests.storage"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: small-claims}
spec: {policyName: small-claims, validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {quota: small}}}}
`;
const claim = (size: string): string => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: rules}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: ${size}}}}
`;
const MUTATION = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: owned-claims}
spec:
  reinvocationPolicy: IfNeeded
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [persistentvolumeclaims]}
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: "Object{metadata: Object.metadata{labels: {'team': params.data.team}}}"
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [JSONPatch{op: "test", path: "/spec/volumeMode", value: "Filesystem"},
        JSONPatch{op: "replace", path: "/spec/storageClassName", value: params.data["class"]}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: owned-claims}
spec: {policyName: owned-claims, paramRef: {name: owner, parameterNotFoundAction: Deny}, matchResources: {namespaceSelector: {matchLabels: {owned: "yes"}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: owner, namespace: owned}
data: {team: red, class: slow}
`;
const ROOT_ON_HOST = `apiVersion: v1
kind: Pod
metadata: {name: root-on-host, namespace: tenant}
spec:
  hostPID: true
  containers:
  - {name: a, image: busybox, securityContext: {privileged: true}, volumeMounts: [{name: h, mountPath: /host}]}
  volumes: [{name: h, hostPath: {path: /}}]
`;
const webhook = (url: string, caBundle: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: stamp}
webhooks:
- name: stamp.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {url: "${url}", caBundle: ${caBundle}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps], scope: Namespaced}]
  matchConditions: [{name: not-the-system, expression: "!request.userInfo.username.startsWith('system:')"}]
`;

describeWith(['unzip', 'npm'], 'API-1: rules of users, with a stock kubectl', () => {
  let platform: PlatformProcess;
  let dir: string;
  let server: Server;
  let configuration: string;
  const run = (args: readonly string[], stdin = ''): Promise<string> => platform.kubectl.run(args, stdin);

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'admission-'));
    const pki = await ensurePki({ dir, clock: new SystemClock(), ids: new SystemIds(), hosts: [] });
    server = createServer({ key: pki.server.keyPem, cert: pki.server.certificatePem }, (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const review: unknown = JSON.parse(text);
        const asked = isRecord(review) && isRecord(review['request']) ? review['request'] : {};
        const patch = Buffer.from(JSON.stringify([{ op: 'add', path: '/metadata/labels', value: { stamped: 'yes' } }])).toString('base64');
        const answer = { uid: asked['uid'], allowed: true, patchType: 'JSONPatch', patch, warnings: ['stamped it'] };
        response.end(JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: answer }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/stamp`;
    configuration = webhook(url, Buffer.from(pki.caPem).toString('base64'));
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await run(['create', 'namespace', 'rules']);
  });
  afterAll(async () => {
    await platform.remove();
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true });
  });

  it('a policy says which claims are too large, where its binding is for', async () => {
    await run(['apply', '-f', '-'], POLICY);
    expect(await run(['get', 'validatingadmissionpolicies'])).toMatch(/NAME +VALIDATIONS +PARAMKIND +AGE\nsmall-claims +1 +<unset>/);
    expect(await run(['apply', '--dry-run=server', '-f', '-'], claim('5Gi'))).toContain('created');
    await run(['label', 'namespace', 'rules', 'quota=small']);
    const refused = await platform.kubectl.try(['apply', '-f', '-'], claim('5Gi'));
    expect(refused.stderr).toContain(
      `The persistentvolumeclaims "data" is invalid: : ValidatingAdmissionPolicy 'small-claims' with binding 'small-claims' denied request: at most 2Gi, not 5Gi`,
    );
    expect(await run(['apply', '--server-side', '-f', '-'], claim('1Gi'))).toContain('serverside-applied');
    await run(['delete', '-f', '-'], POLICY);
  });

  it('a policy gives claims what their namespace says', async () => {
    await run(['create', 'namespace', 'owned']);
    await run(['label', 'namespace', 'owned', 'owned=yes']);
    await run(['apply', '-f', '-'], MUTATION);
    expect(await run(['get', 'mutatingadmissionpolicies'])).toMatch(/NAME +MUTATIONS +PARAMKIND +AGE\nowned-claims +2 +v1\/ConfigMap/);
    expect(await run(['get', 'mutatingadmissionpolicybindings'])).toMatch(
      /NAME +POLICYNAME +PARAMREF +AGE\nowned-claims +owned-claims +\*\/owner/,
    );
    expect(await run(['explain', 'mutatingadmissionpolicies.spec.mutations'])).toContain('patchType');
    await run(['apply', '-f', '-'], claim('1Gi').replace('namespace: rules', 'namespace: owned'));
    const shown = '{.metadata.labels.team} {.spec.storageClassName}';
    expect(await run(['get', 'pvc', 'data', '-n', 'owned', '-o', `jsonpath=${shown}`])).toBe('red slow');
    await run(['delete', 'configmap', 'owner', '-n', 'owned']);
    const refused = await platform.kubectl.try(
      ['create', '-f', '-'],
      claim('1Gi').replace('data, namespace: rules', 'more, namespace: owned'),
    );
    expect(refused.stderr).toContain(
      "policy 'owned-claims' with binding 'owned-claims' denied request: failed to configure binding: no params found for policy binding",
    );
    await run(['delete', 'mutatingadmissionpolicy,mutatingadmissionpolicybinding', 'owned-claims']);
  });

  it('a namespace keeps root on the machine away from its tenants', async () => {
    await run(['create', 'namespace', 'tenant']);
    await run(['label', 'namespace', 'tenant', 'pod-security.kubernetes.io/enforce=baseline']);
    expect((await platform.kubectl.try(['apply', '-f', '-'], ROOT_ON_HOST)).stderr).toContain(
      'pods "root-on-host" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), hostPath volumes (volume "h"), privileged (container "a" must not set securityContext.privileged=true)',
    );
    const made = await platform.kubectl.try(['-n', 'tenant', 'create', 'deployment', 'd', '--image=busybox', '--replicas=0']);
    expect([made.exitCode, made.stderr]).toEqual([0, '']);
    const strict = await platform.kubectl.try(['label', 'namespace', 'tenant', 'pod-security.kubernetes.io/warn=strict']);
    expect(strict.stderr).toContain('must be one of privileged, baseline, restricted');
  });

  it('a webhook changes what is made, and its warnings reach the terminal', async () => {
    await run(['apply', '-f', '-'], configuration);
    const made = await platform.kubectl.try(['-n', 'rules', 'create', 'configmap', 'a', '--from-literal=k=v']);
    expect([made.exitCode, made.stderr]).toEqual([0, expect.stringContaining('Warning: stamped it')]);
    expect(await run(['-n', 'rules', 'get', 'configmap', 'a', '-o', 'jsonpath={.metadata.labels}'])).toBe('{"stamped":"yes"}');
  });

  it('a webhook that is away stops what it must be asked about, and can be taken out', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const refused = await platform.kubectl.try(['-n', 'rules', 'create', 'configmap', 'b']);
    expect(refused.stderr).toMatch(
      /Internal error occurred: failed calling webhook "stamp.example.com": failed to call webhook: Post "https:.*\/stamp\?timeout=10s": .*ECONNREFUSED/,
    );
    await run(['delete', 'mutatingwebhookconfiguration', 'stamp']);
    expect(await run(['-n', 'rules', 'create', 'configmap', 'b'])).toContain('created');
  });
});
