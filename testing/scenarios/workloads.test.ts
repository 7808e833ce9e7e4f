import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { DAEMON_SET, JOBS, TOPOLOGY_STATEFUL_SET } from './manifests.ts';

const LOOP = 'trap "exit 0" TERM; while true; do sleep 1; done';

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'workloads with a stock kubectl', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
  });
  afterAll(async () => platform.remove());

  it('a Deployment rolls out, changes, goes back, scales, pauses, and goes with its pods', async () => {
    const { kubectl } = platform;
    const settled = async (): Promise<string> => kubectl.run(['rollout', 'status', 'deploy/web', '--timeout=40s']);
    await kubectl.run(['create', 'deployment', 'web', '--image=busybox', '--replicas=3', '--', 'sh', '-c', LOOP]);
    expect(await settled()).toContain('successfully rolled out');
    await kubectl.run(['set', 'env', 'deploy/web', 'STAGE=two']);
    expect(await settled()).toContain('successfully rolled out');
    expect(await kubectl.run(['rollout', 'history', 'deploy/web'])).toMatch(/1\s+<none>\s+2\s+<none>/);
    await kubectl.run(['rollout', 'undo', 'deploy/web']);
    await settled();
    expect(await kubectl.run(['rollout', 'history', 'deploy/web'])).toMatch(/2\s+<none>\s+3\s+<none>/);
    await kubectl.run(['rollout', 'pause', 'deploy/web']);
    await kubectl.run(['set', 'image', 'deploy/web', 'busybox=busybox:1.36']);
    await kubectl.run(['scale', 'deploy/web', '--replicas=1']);
    await eventually(async () => expect(await kubectl.run(['get', 'deploy', 'web'])).toMatch(/web\s+1\/1\s+0\s+1/));
    await kubectl.run(['rollout', 'resume', 'deploy/web']);
    expect(await settled()).toContain('successfully rolled out');
    expect(await kubectl.run(['describe', 'deploy', 'web'])).toMatch(/Normal\s+ScalingReplicaSet/);
    await kubectl.run(['delete', 'deployment', 'web']);
    await eventually(async () => expect(await kubectl.run(['get', 'rs,pods', '-o', 'name', '-l', 'app=web'])).toBe(''), 60_000);
  });

  it('VOL-12: the documents’ StatefulSet runs in order with two claims each, which stay with their pods through changes', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-'], TOPOLOGY_STATEFUL_SET);
    await eventually(async () => expect(await kubectl.run(['describe', 'pod', 'web-0'])).toContain('node affinity/selector'));
    expect(await kubectl.run(['get', 'pods', '-o', 'name'])).toBe('pod/web-0\n');
    await kubectl.run(['label', 'node', '--all', 'failure-domain.beta.kubernetes.io/zone=us-central1-f']);
    await kubectl.run(['rollout', 'status', 'sts/web', '--timeout=60s']);
    expect(await kubectl.run(['get', 'pvc', '-o', 'name'])).toBe(
      ['logs-web-0', 'logs-web-1', 'www-web-0', 'www-web-1'].map((name) => `persistentvolumeclaim/${name}\n`).join(''),
    );
    await kubectl.run(['set', 'env', 'sts/web', 'STAGE=two']);
    await kubectl.run(['rollout', 'status', 'sts/web', '--timeout=60s']);
    await kubectl.run(['rollout', 'undo', 'sts/web']);
    await kubectl.run(['rollout', 'status', 'sts/web', '--timeout=60s']);
    expect(await kubectl.run(['rollout', 'history', 'sts/web'])).toMatch(/2\s+<none>\s+3\s+<none>/);
    await eventually(async () => expect(await kubectl.run(['logs', 'web-1'])).toBe('web-1\nweb-1\nweb-1\n'));
    await kubectl.run(['scale', 'sts/web', '--replicas=1']);
    await kubectl.run(['wait', '--for=delete', 'pod/web-1', '--timeout=40s']);
    expect((await kubectl.run(['get', 'pvc', '-o', 'name'])).split('\n')).toHaveLength(5);
    const policy = { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } } };
    await kubectl.run(['patch', 'sts', 'web', '-p', JSON.stringify(policy)]);
    await eventually(async () =>
      expect(await kubectl.run(['get', 'pvc', 'www-web-0', '-o', 'jsonpath={.metadata.ownerReferences[0].kind}'])).toBe('StatefulSet'),
    );
    await kubectl.run(['delete', 'sts', 'web']);
    await eventually(async () => expect(await kubectl.run(['get', 'pods,pvc', '-o', 'name'])).not.toMatch(/web-0/), 60_000);
  });

  it('a DaemonSet runs on each node, and changes', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-'], DAEMON_SET);
    await kubectl.run(['rollout', 'status', 'ds/agent', '--timeout=40s']);
    await kubectl.run(['set', 'env', 'ds/agent', 'STAGE=two']);
    expect(await kubectl.run(['rollout', 'status', 'ds/agent', '--timeout=40s'])).toContain('successfully rolled out');
    expect(await kubectl.run(['rollout', 'history', 'ds/agent'])).toMatch(/1\s+<none>\s+2\s+<none>/);
    expect(await kubectl.run(['get', 'ds', 'agent'])).toMatch(/agent\s+1\s+1\s+1\s+1\s+1/);
    await kubectl.run(['delete', 'ds', 'agent']);
  });

  it('Jobs end well or badly, numbered or not, and a CronJob’s job can be started by hand', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-'], JOBS);
    await kubectl.run(['create', 'cronjob', 'nightly', '--image=busybox', '--schedule=0 3 * * *', '--', 'date']);
    await kubectl.run(['create', 'job', '--from=cronjob/nightly', 'now']);
    await kubectl.run(['wait', '--for=condition=Complete', 'job/parts', 'job/now', '--timeout=40s']);
    await kubectl.run(['wait', '--for=condition=Failed', 'job/broken', '--timeout=40s']);
    const logs = await kubectl.run(['logs', '-l', 'batch.kubernetes.io/job-name=parts']);
    expect(
      logs
        .trim()
        .split('\n')
        .toSorted((a, b) => (a < b ? -1 : 1)),
    ).toEqual([0, 1, 2].map((part) => `part ${part} of parts-${part}`));
    expect(await kubectl.run(['get', 'jobs'])).toMatch(/broken\s+Failed\s+0\/1[\s\S]*parts\s+Complete\s+3\/3/);
    await kubectl.run(['delete', 'job', '--all']);
    await eventually(async () => expect(await kubectl.run(['get', 'pods', '-o', 'name', '-l', 'batch.kubernetes.io/job-name'])).toBe(''));
  });
});
