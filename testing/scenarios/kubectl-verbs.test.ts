import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureKubectl, Kubectl, KUBECTL_VERSIONS } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const claim = (label: string): string => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, labels: {app: ${label}}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;
const POD = `apiVersion: v1
kind: Pod
metadata: {name: held, labels: {app: a}}
spec:
  nodeSelector: {no: such-node}
  containers:
  - {name: main, image: busybox, command: [sleep, "100"]}
  - {name: side, image: busybox, command: [sleep, "100"]}
`;
const dns = (metrics: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: dns}
spec:
  replicas: 0
  selector: {matchLabels: {app: dns}}
  template:
    metadata: {labels: {app: dns}}
    spec:
      containers:
      - name: dns
        image: busybox
        ports:
        - {containerPort: 53, name: dns, protocol: UDP}
        - {containerPort: 53, name: dns-tcp, protocol: TCP}
        - {containerPort: ${metrics}, name: metrics, protocol: TCP}
---
apiVersion: v1
kind: Service
metadata: {name: dns}
spec:
  selector: {app: dns}
  ports:
  - {name: dns, port: 53, protocol: UDP}
  - {name: dns-tcp, port: 53, protocol: TCP}
  - {name: metrics, port: ${metrics}, protocol: TCP}
`;

describeWith(['unzip', 'npm'], 'API-1: the verbs of a stock kubectl', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  describe.each(KUBECTL_VERSIONS)('kubectl %s', (version) => {
    const namespace = `v-${version.replace('.', '-')}`;
    let plain: Kubectl;
    beforeAll(async () => {
      const home = path.dirname(platform.dataDir);
      const editor = path.join(home, 'editor.sh');
      writeFileSync(editor, '#!/bin/sh\nsed -i "s/w: .*/w: edited/" "$1"\n', { mode: 0o755 });
      plain = new Kubectl({ program: await ensureKubectl(version), kubeconfig: platform.kubeconfig, home, editor });
      await plain.run(['create', 'namespace', namespace]);
    });
    const run = (args: readonly string[], stdin = ''): Promise<string> => plain.run([...args, '-n', namespace], stdin);
    const fail = async (args: readonly string[], stdin = ''): Promise<string> => {
      const { exitCode, stderr, stdout } = await plain.try([...args, '-n', namespace], stdin);
      expect(`${exitCode} ${stdout}`).not.toMatch(/^0/);
      return stderr;
    };
    const valueOf = (target: string, jsonPath: string): Promise<string> => run(['get', target, '-o', `jsonpath={${jsonPath}}`]);

    it('creates by generators, and lists in every form and in pages', async () => {
      for (const name of ['m1', 'm2', 'm3']) await run(['create', 'configmap', name, `--from-literal=num=${name}`]);
      await run(['create', 'secret', 'generic', 's1', '--from-literal=p=x']);
      await run(['label', 'configmap', 'm1', 'm2', 'tier=a']);
      expect(await run(['get', 'cm'])).toMatch(/^NAME\s+DATA\s+AGE\nkube-root-ca\.crt\s+1\s.*\nm1\s+1\s/);
      expect(await run(['get', 'cm', '--chunk-size=1', '-o', 'name'])).toBe(
        'configmap/kube-root-ca.crt\nconfigmap/m1\nconfigmap/m2\nconfigmap/m3\n',
      );
      expect(await run(['get', 'cm', '-l', 'tier in (a,b)', '--no-headers'])).toMatch(/^m1 .*\nm2 .*\n$/);
      expect(await run(['get', 'cm', '--field-selector', 'metadata.name!=m1', '-o', 'name'])).toBe(
        'configmap/kube-root-ca.crt\nconfigmap/m2\nconfigmap/m3\n',
      );
      expect(await run(['get', 'cm', '-l', 'tier', '--sort-by=.data.num', '-o', 'custom-columns=N:.data.num'])).toBe('N\nm1\nm2\n');
      expect(await valueOf('secret/s1', '.data.p')).toBe('eA==');
      expect(await fail(['get', 'cm', '--field-selector', 'data.n=1'])).toContain('field label not supported: data.n');
      expect(await fail(['get', 'cm', 'm1', 'nope'])).toContain('Error from server (NotFound): configmaps "nope" not found');
      expect(await fail(['create', 'configmap', 'm1'])).toContain('configmaps "m1" already exists');
    });

    it('applies a change beside two ports of one number, and keeps both', async () => {
      for (const metrics of [9153, 9154, 9154]) await run(['apply', '-f', '-'], dns(metrics));
      expect(await valueOf('service/dns', '.spec.ports[*].port')).toBe('53 53 9154');
      expect(await valueOf('service/dns', '.spec.ports[*].protocol')).toBe('UDP TCP TCP');
      expect(await valueOf('deployment/dns', '.spec.template.spec.containers[0].ports[*].name')).toBe('dns dns-tcp metrics');
      expect(await valueOf('deployment/dns', '.spec.template.spec.containers[0].ports[*].containerPort')).toBe('53 53 9154');
      await run(['delete', 'deployment/dns', 'service/dns']);
    });

    it('applies, compares, and replaces; what is the same is not changed', async () => {
      expect(await run(['apply', '-f', '-'], claim('a'))).toContain('created');
      expect(await run(['apply', '-f', '-'], claim('a'))).toContain('unchanged');
      expect(await run(['apply', '--dry-run=server', '-f', '-'], claim('b'))).toContain('configured (server dry run)');
      await run(['diff', '-f', '-'], claim('a'));
      const difference = await plain.try(['diff', '-f', '-', '-n', namespace], claim('b'));
      expect(difference.exitCode).toBe(1);
      expect(difference.stdout).toMatch(/-\s+app: a\n\+\s+app: b/);
      expect(await run(['apply', '-f', '-'], claim('b'))).toContain('configured');
      expect(await valueOf('pvc/data', '.metadata.labels.app')).toBe('b');

      const old = await run(['get', 'cm', 'm1', '-o', 'yaml']);
      await run(['replace', '-f', '-'], old.replace('num: m1', 'num: m9'));
      expect(await fail(['replace', '-f', '-'], old)).toContain('Operation cannot be fulfilled on configmaps "m1"');
    });

    it('applies on the server, where managers own fields', async () => {
      const object = (value: string): string =>
        `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owned"},"data":{"k":"${value}"}}`;
      expect(await run(['apply', '--server-side', '-f', '-'], object('1'))).toContain('configmap/owned serverside-applied');
      const other = ['apply', '--server-side', '--field-manager=other', '-f', '-'];
      expect(await fail(other, object('2'))).toMatch(/conflict with "kubectl"[^]*\.data\.k/);
      await run([...other, '--force-conflicts'], object('2'));
      expect(await valueOf('cm/owned', '.data.k')).toBe('2');
      expect(await valueOf('cm/owned', '.metadata.managedFields[?(@.manager=="other")].operation')).toBe('Apply');
      await run([...other, '--force-conflicts'], object('2').replace(',"data":{"k":"2"}', ''));
      expect(await valueOf('cm/owned', '.data.k')).toBe('');
      await run(['delete', 'cm', 'owned']);
    });

    it('lists as yaml, json, wide and in columns', async () => {
      expect(await run(['get', 'cm', 'm1', '-o', 'yaml'])).toMatch(/^apiVersion: v1\ndata:\n {2}num: m9\nkind: ConfigMap\n/);
      expect(JSON.parse(await run(['get', 'cm', '-o', 'json']))).toMatchObject({ kind: 'List', items: expect.any(Array) });
      expect(await run(['get', 'pvc', '-o', 'wide'])).toMatch(
        /^NAME\s+STATUS\s+VOLUME\s+CAPACITY\s+ACCESS MODES\s+STORAGECLASS\s+(VOLUMEATTRIBUTESCLASS\s+)?AGE\s+VOLUMEMODE\ndata\s/,
      );
      expect(await plain.run(['get', 'nodes', '-o', 'wide'])).toMatch(/^NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\s+INTERNAL-IP/);
      expect(await run(['get', 'cm,secret', '-o', 'name'])).toContain('configmap/m1\nconfigmap/m2');
    });

    it('says who may do what', async () => {
      expect(await run(['auth', 'can-i', 'delete', 'pv'])).toBe('yes\n');
      await run(['create', 'serviceaccount', 'reader']);
      await run(['create', 'role', 'reads', '--verb=get,list', '--resource=configmaps']);
      await run(['create', 'rolebinding', 'reads', '--role=reads', `--serviceaccount=${namespace}:reader`]);
      const reader = ['--as', `system:serviceaccount:${namespace}:reader`];
      await eventually(async () => expect(await run(['get', 'cm', 'm1', '-o', 'name', ...reader])).toBe('configmap/m1\n'));
      expect(await fail(['get', 'secrets', ...reader])).toContain('secrets is forbidden: User');
      const asked = await plain.try(['auth', 'can-i', 'get', 'secrets', ...reader, '-n', namespace]);
      expect(asked.stdout).toBe('no\n');
    });

    // 1.20 has no verb for it yet
    if (version !== '1.20')
      it('creates a token that the API knows again', async () => {
        const token = (await run(['create', 'token', 'reader'])).trim();
        const kubeconfig = path.join(path.dirname(platform.dataDir), 'no-user.yaml');
        writeFileSync(kubeconfig, readFileSync(platform.kubeconfig, 'utf8').replace(/^users:[^]*?(?=^\S|$(?![^]))/m, ''));
        const asReader = new Kubectl({ program: await ensureKubectl(version), kubeconfig, home: path.dirname(platform.dataDir) });
        expect(await asReader.run(['get', 'cm', 'm1', '-n', namespace, '-o', 'name', '--token', token])).toBe('configmap/m1\n');
        expect((await asReader.try(['get', 'secrets', '-n', namespace, '--token', token])).stderr).toContain(
          `User "system:serviceaccount:${namespace}:reader" cannot list resource "secrets"`,
        );
      });

    it('patches in three ways, edits, labels and annotates', async () => {
      await run(['patch', 'cm', 'm2', '-p', '{"data":{"z":"1"}}']);
      await run(['patch', 'cm', 'm2', '--type=merge', '-p', '{"data":{"z":null,"w":"2"}}']);
      await run(['patch', 'cm', 'm2', '--type=json', '-p', '[{"op":"add","path":"/data/v","value":"3"}]']);
      expect(await valueOf('cm/m2', '.data')).toBe('{"num":"m2","v":"3","w":"2"}');
      expect(await run(['patch', 'cm', 'm2', '--type=merge', '-p', '{"data":{"w":"2"}}'])).toContain('(no change)');
      expect(await fail(['patch', 'cm', 'm2', '--type=merge', '-p', '{"data":{"w":2}}'])).toContain('data.w');

      await run(['create', '-f', '-'], POD);
      expect(await run(['set', 'image', 'pod/held', 'main=busybox:2'])).toContain('image updated');
      expect(await valueOf('pod/held', '.spec.containers[*].image')).toBe('busybox:2 busybox');
      const removal = '{"spec":{"$setElementOrder/containers":[{"name":"side"}],"containers":[{"name":"main","$patch":"delete"}]}}';
      expect(await fail(['patch', 'pod', 'held', '-p', removal])).toContain('pod updates may not add or remove containers');
      await run(['patch', 'pod', 'held', '-p', '{"metadata":{"labels":{"$patch":"replace","only":"this"}}}']);
      expect(await valueOf('pod/held', '.metadata.labels')).toBe('{"only":"this"}');

      expect(await run(['edit', 'cm', 'm2'])).toContain('configmap/m2 edited');
      expect(await valueOf('cm/m2', '.data.w')).toBe('edited');
      expect(await fail(['label', 'cm', 'm1', 'tier=b'])).toContain('--overwrite is false');
      await run(['annotate', 'cm', 'm1', 'note=hello there']);
      expect(await valueOf('cm/m1', '.metadata.annotations.note')).toBe('hello there');
    });

    it('waits and watches', async () => {
      // 1.20 can't wait for a value yet
      if (version !== '1.20') await run(['wait', '--for=jsonpath={.data.num}=m9', 'cm/m1', '--timeout=10s']);
      expect(await fail(['wait', '--for=condition=Ready', 'cm/m1', '--timeout=1s'])).toContain('timed out');
      const watch = plain.spawn(['get', 'cm', '-n', namespace, '-w', '--output-watch-events']);
      let seen = '';
      watch.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
      await eventually(() => expect(seen).toMatch(/ADDED\s+m3/));
      await run(['label', 'cm', 'm3', 'x=y']);
      await run(['delete', 'cm', 'm3']);
      await eventually(() => expect(seen).toMatch(/MODIFIED\s+m3[^\n]*\nDELETED\s+m3/));
      watch.kill();
    });

    it.each([
      { cascade: 'background', left: '' },
      { cascade: 'foreground', left: '' },
      { cascade: 'orphan', left: 'configmap/child\nconfigmap/grandchild\n' },
    ])('deletes with --cascade=$cascade', async ({ cascade, left }) => {
      await run(['create', 'cm', 'owner']);
      for (const [name, owner] of [
        ['child', 'owner'],
        ['grandchild', 'child'],
      ] as const) {
        const reference = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: owner,
          uid: await valueOf(`cm/${owner}`, '.metadata.uid'),
          blockOwnerDeletion: true,
        };
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { in: 'family' }, ownerReferences: [reference] } };
        await run(['create', '-f', '-'], JSON.stringify(object));
      }
      await run(['delete', 'cm', 'owner', `--cascade=${cascade}`]);
      await eventually(async () => expect(await run(['get', 'cm', '-l', 'in=family', '-o', 'name'])).toBe(left));
      await run(['delete', 'cm', '-l', 'in=family', '--cascade=orphan']);
    });

    it('deletes with finalizers, grace and without waiting, but no namespace that has to stay', async () => {
      await run(['patch', 'cm', 'm1', '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}']);
      expect(await fail(['delete', 'cm', 'm1', '--timeout=1s'])).toContain('timed out');
      await run(['patch', 'cm', 'm1', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
      expect(await fail(['get', 'cm', 'm1'])).toContain('not found');
      expect(await run(['delete', 'cm', '--all', '--dry-run=server'])).toContain('(server dry run)');
      await run(['delete', 'pod', 'held', '--grace-period=0', '--force']);
      await run(['delete', 'cm', '--all']);
      // the CA bundle comes back by itself
      await eventually(async () => expect(await run(['get', 'cm', '-o', 'name'])).toBe('configmap/kube-root-ca.crt\n'));
      expect(await fail(['delete', 'namespace', 'default'])).toContain(
        'namespaces "default" is forbidden: this namespace may not be deleted',
      );
    });

    it('explains, describes and discovers every kind', async () => {
      expect(await run(['explain', 'pvc.spec.resources'])).toContain('requests');
      expect(await run(['explain', 'pod', '--recursive'])).toContain('imagePullPolicy');
      expect(await run(['api-resources', '-o', 'name'])).toContain('storageclasses.storage.k8s.io');
      expect(await run(['api-versions'])).toContain('storage.k8s.io/v1');
      for (const kind of ['ns', 'sc', 'csidriver', 'secret', 'pvc', 'pv']) expect(await run(['describe', kind])).toMatch(/^Name:/);
      expect(await plain.run(['get', '--raw', '/readyz'])).toBe('ok');
      expect(await fail(['rollout', 'status', 'pod/held'])).not.toContain('panic');
    });

    it('ends a namespace, of which kubectl says what it waits for', async () => {
      await run(['create', 'cm', 'last']);
      await run(['patch', 'cm', 'last', '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}']);
      await plain.run(['delete', 'namespace', namespace, '--wait=false']);
      expect(await fail(['create', 'cm', 'late'])).toContain('because it is being terminated');
      // 1.20 describes no conditions of namespaces
      const shown = version === '1.20' ? ['get', 'namespace', namespace, '-o', 'json'] : ['describe', 'namespace', namespace];
      await eventually(async () => expect(await plain.run(shown)).toContain('example.com/hold in 1 resource instances'));
      await run(['patch', 'cm', 'last', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
      // not with wait: where the namespace is gone before, 1.20 calls that an error
      await eventually(async () => expect(await plain.run(['get', 'namespaces', '-o', 'name'])).not.toContain(`namespace/${namespace}\n`));
    });
  });
});
