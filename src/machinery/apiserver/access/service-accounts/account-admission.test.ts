import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod, PodSpec, ServiceAccount } from '#api/generated/kubernetes.ts';
import { pods, serviceAccounts } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { SystemIds } from '#kit/ids.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { accountAdmission } from './account-admission.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

describe('API-3: the account of a pod', () => {
  let api: TestApi<FakeClock>;
  beforeEach(async () => {
    const clock = new FakeClock();
    api = await startTestApi({ clock, admission: [accountAdmission({ clock, ids: new SystemIds() })] });
  });
  afterEach(() => api.close());
  const container = { name: 'c', image: 'busybox' };
  const create = (spec: Partial<PodSpec> = {}, annotations = {}): Promise<Pod> =>
    api.client.create(pods, { metadata: { name: 'p', namespace: 'default', annotations }, spec: { containers: [container], ...spec } });
  const account = (name: string, rest: Partial<ServiceAccount> = {}): Promise<unknown> =>
    api.client.create(serviceAccounts, { metadata: { name, namespace: 'default' }, ...rest });

  it('is default, and its credentials are a volume', async () => {
    await account('default');
    const { spec } = await create({ initContainers: [{ ...container, name: 'i' }] });
    const [volume] = spec.volumes ?? [];
    expect(spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' });
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume?.projected).toMatchObject({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    });
    for (const { volumeMounts } of [...spec.containers, ...(spec.initContainers ?? [])])
      expect(volumeMounts).toEqual([{ name: volume?.name, readOnly: true, mountPath: MOUNT_PATH }]);
  });

  const own = { ...container, volumeMounts: [{ name: 'own', mountPath: `${MOUNT_PATH}/` }] };
  it.each<{ name: string; account: Partial<ServiceAccount>; spec: Partial<PodSpec>; mounted: boolean }>([
    { name: 'wanted by nobody', account: { automountServiceAccountToken: false }, spec: {}, mounted: false },
    { name: 'not wanted by the pod', account: {}, spec: { automountServiceAccountToken: false }, mounted: false },
    {
      name: 'wanted by the pod',
      account: { automountServiceAccountToken: false },
      spec: { automountServiceAccountToken: true },
      mounted: true,
    },
    { name: 'there already', account: {}, spec: { containers: [own], volumes: [{ name: 'own', emptyDir: {} }] }, mounted: false },
  ])('credentials $name', async ({ account: rest, spec, mounted }) => {
    await account('robot', rest);
    const made = await create({ serviceAccountName: 'robot', ...spec });
    expect((made.spec.volumes ?? []).some(({ name }) => name.startsWith('kube-api-access-'))).toBe(mounted);
  });

  it('leaves volumes without a name, and mounts without a path, to validation', async () => {
    await account('default');
    const unfinished = trusted<Partial<PodSpec>>({
      containers: [{ ...container, volumeMounts: [{ name: 'v' }] }],
      volumes: [{ emptyDir: {} }],
    });
    await expect(create(unfinished)).rejects.toThrow(/volumes\[0\]\.name: Required value.*mountPath: Required value/);
  });

  it('hands its pull secrets to pods without', async () => {
    await account('default', { imagePullSecrets: [{ name: 'registry' }] });
    expect((await create()).spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    await api.client.delete(pods, { name: 'p', namespace: 'default' });
    expect((await create({ imagePullSecrets: [{ name: 'own' }] })).spec.imagePullSecrets).toEqual([{ name: 'own' }]);
  });

  it('must be there', async () => {
    await expect(create({ serviceAccountName: 'none' })).rejects.toThrow(
      'pods "p" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
    );
  });

  it('default of a new namespace is waited for, but not for ever', async () => {
    const early = create();
    await api.clock.step(100);
    await account('default');
    await api.clock.step(50);
    expect((await early).spec.serviceAccountName).toBe('default');
    await api.client.delete(pods, { name: 'p', namespace: 'default' });
    await api.client.delete(serviceAccounts, { name: 'default', namespace: 'default' });
    const never = expect(create()).rejects.toThrow('error looking up service account default/default');
    await api.clock.step(1_000);
    await never;
  });

  it('is not given to mirrors of static pods', async () => {
    expect((await create({}, { 'kubernetes.io/config.mirror': 'x' })).spec.serviceAccountName).toBeUndefined();
  });
});
