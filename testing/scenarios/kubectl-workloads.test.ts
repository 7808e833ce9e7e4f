import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureKubectl, Kubectl, KUBECTL_VERSIONS } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const workload = (kind: string, spec: string): string => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: web}
spec:
  replicas: 2
  ${spec}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: busybox, command: [sleep, "3600"]}]
`;

describeWith(['root', 'runc', 'unzip', 'npm'], 'API-1: workloads with a stock kubectl', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  describe.each(KUBECTL_VERSIONS)('kubectl %s', (version) => {
    const namespace = `w-${version.replace('.', '-')}`;
    let plain: Kubectl;
    beforeAll(async () => {
      const home = path.dirname(platform.dataDir);
      plain = new Kubectl({ program: await ensureKubectl(version), kubeconfig: platform.kubeconfig, home });
      await plain.run(['create', 'namespace', namespace]);
    });
    afterAll(async () => {
      await plain.run(['delete', 'namespace', namespace, '--wait=false']);
    });
    const run = (args: readonly string[], stdin = ''): Promise<string> => plain.run([...args, '-n', namespace], stdin);
    const rolledOut = async (target: string): Promise<void> => {
      expect(await run(['rollout', 'status', target, '--timeout=60s'])).toMatch(
        /successfully rolled out|rolling update complete|roll out complete/,
      );
    };
    const podsOf = async (jsonPath: string): Promise<string> =>
      run(['get', 'pods', '-l', 'app=web', '--sort-by=.metadata.name', '-o', `jsonpath={.items[*]${jsonPath}}`]);

    it('rolls a Deployment out, scales it, and says what it has', async () => {
      await run(['apply', '-f', '-'], workload('Deployment', 'revisionHistoryLimit: 5'));
      await rolledOut('deployment/web');
      expect(await run(['get', 'deployment', '-o', 'wide'])).toMatch(
        /^NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\s+CONTAINERS\s+IMAGES\s+SELECTOR\nweb\s+2\/2\s+2\s+2\s+\S+\s+main\s+busybox\s+app=web\n$/,
      );
      expect(await run(['get', 'replicaset'])).toMatch(/^NAME\s+DESIRED\s+CURRENT\s+READY\s+AGE\nweb-\w+\s+2\s+2\s+2\s/);
      expect(await run(['scale', 'deployment/web', '--replicas=1'])).toContain('deployment.apps/web scaled');
      await eventually(async () => expect((await podsOf('.metadata.name')).split(' ')).toHaveLength(1));
      const wrong = await plain.try(['scale', 'deployment/web', '--replicas=3', '--current-replicas=5', '-n', namespace]);
      expect(wrong.stderr).toContain('Expected replicas to be 5, was 1');
      expect(await run(['describe', 'deployment', 'web'])).toMatch(
        /Replicas:\s+1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable[^]*NewReplicaSet:\s+web-\w+ \(1\/1 replicas created\)[^]*ScalingReplicaSet[^]*deployment-controller\s+Scaled up replica set/,
      );
    });

    it('keeps revisions of a Deployment, goes back to them, restarts and pauses it', async () => {
      await run(['set', 'env', 'deployment/web', 'COLOR=blue']);
      await rolledOut('deployment/web');
      expect(await run(['rollout', 'history', 'deployment/web'])).toMatch(/REVISION\s+CHANGE-CAUSE\n1\s+<none>\n2\s+<none>\n/);
      expect(await run(['rollout', 'history', 'deployment/web', '--revision=2'])).toMatch(/COLOR:\s+blue/);
      expect(await run(['rollout', 'undo', 'deployment/web'])).toContain('deployment.apps/web rolled back');
      await rolledOut('deployment/web');
      await eventually(async () => expect(await podsOf('.spec.containers[0].env[0].value')).toBe(''));
      await run(['rollout', 'pause', 'deployment/web']);
      expect((await plain.try(['rollout', 'undo', 'deployment/web', '-n', namespace])).stderr).toContain('paused deployment');
      await run(['rollout', 'resume', 'deployment/web']);
      await run(['rollout', 'restart', 'deployment/web']);
      await rolledOut('deployment/web');
      expect(await podsOf('.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt')).toMatch(/^\d{4}-/);
      expect(await run(['wait', '--for=condition=Available', 'deployment/web', '--timeout=30s'])).toContain('condition met');
    });

    it('deletes a Deployment with what it made, or leaves that', async () => {
      await run(['delete', 'deployment', 'web', '--cascade=orphan']);
      expect(await podsOf('.metadata.name')).toMatch(/^web-/);
      await run(['delete', 'replicaset', '-l', 'app=web', '--cascade=foreground']);
      await eventually(async () => expect(await podsOf('.metadata.name')).toBe(''));
    });

    it('rolls a StatefulSet out, scales it and restarts it in order', async () => {
      await run(['apply', '-f', '-'], workload('StatefulSet', 'serviceName: web'));
      await rolledOut('statefulset/web');
      expect(await run(['get', 'statefulset'])).toMatch(/^NAME\s+READY\s+AGE\nweb\s+2\/2\s/);
      expect(await podsOf('.metadata.name')).toBe('web-0 web-1');
      await run(['scale', 'statefulset/web', '--replicas=1']);
      await eventually(async () => expect(await podsOf('.metadata.name')).toBe('web-0'));
      const before = await podsOf('.metadata.uid');
      await run(['rollout', 'restart', 'statefulset/web']);
      await rolledOut('statefulset/web');
      expect(await podsOf('.metadata.uid')).not.toBe(before);
      expect(await run(['rollout', 'history', 'statefulset/web'])).toMatch(/\n1\s+<none>\n2\s+<none>\n/);
      await run(['delete', 'statefulset', 'web']);
      await eventually(async () => expect(await podsOf('.metadata.name')).toBe(''));
    });
  });
});
