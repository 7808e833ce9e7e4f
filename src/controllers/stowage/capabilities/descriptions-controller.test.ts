import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMaps, namespaces, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createDescriptionsController } from './descriptions-controller.ts';
import { modesAdmission } from './modes-admission.ts';

const OWN = { driverName: 'own.example', describe: () => ({ accessModes: ['ReadWriteOnce' as const] }) };
const LABELS = { 'features.alauda.io/type': 'StorageDescription' };

describe('CAP-1: descriptions in ConfigMaps', () => {
  let api: TestApi<FakeClock>;
  let running: RunningController;
  let told: string[];
  beforeEach(async () => {
    told = [];
    api = await startTestApi({ admission: [modesAdmission(() => [OWN])] });
    await api.client.create(namespaces, { metadata: { name: 'kube-public' }, spec: {} });
    const deps = { client: api.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    running = runController(createDescriptionsController({ ...deps, ownDrivers: () => [OWN.driverName] }), {
      ...deps,
      events: { record: ({ about, message }) => void told.push(`${about.metadata.name}: ${message}`) },
    });
    await running.ready;
  });
  afterEach(async () => {
    await running.stop();
    await api.close();
  });

  const describeIn = async (name: string, data: Record<string, string>): Promise<void> => {
    await api.client.create(configMaps, { metadata: { name, namespace: 'kube-public', labels: LABELS }, data });
    await settle();
  };

  it('each wrong value is told on the ConfigMap, with what helps', async () => {
    await describeIn('sd-wrong', {
      'a.example': 'snapshot: "yes"\naccessModes: [ReadWriteOnce, RWX]\n',
      'b.example': 'snapshot: [',
      'c.example': 'snapshot: true',
      'own.example': 'snapshot: true',
    });
    expect(told).toHaveLength(4);
    expect(told.join('\n')).toContain('sd-wrong: data["own.example"] is ignored: the driver describes itself; remove the key');
    expect(told.join('\n')).toContain('sd-wrong: data["a.example"].snapshot: "yes" is ignored: write true or false, without quotes');
    expect(told.join('\n')).toContain('sd-wrong: data["a.example"].accessModes[1]: "RWX" is ignored: write one of ReadWriteOnce');
    expect(told.join('\n')).toContain('sd-wrong: data["b.example"]: "snapshot: [" is ignored: write YAML (line');
  });

  it('one whose name does not begin as it must is told to be ignored; one without the label is none', async () => {
    await describeIn('capabilities', { 'a.example': 'snapshot: true' });
    expect(told).toEqual(['capabilities: ignored: its name is "capabilities"; names of descriptions begin with sd-']);
    await api.client.create(configMaps, { metadata: { name: 'sd-plain', namespace: 'kube-public' }, data: { x: '[' } });
    await settle();
    expect(told).toHaveLength(1);
  });

  it('CLASS-11: a claim gets no access mode that its class does not list', async () => {
    await api.client.create(storageClasses, aClass({ name: 'fast', annotations: { 'cpaas.io/access-mode': 'ReadWriteOnce' } }));
    const claim = (name: string, mode: string): Promise<unknown> =>
      api.client.create(persistentVolumeClaims, aClaim({ name, storageClassName: 'fast', accessModes: [mode] }));
    await expect(claim('a', 'ReadWriteOnce')).resolves.toBeDefined();
    await expect(claim('b', 'ReadWriteMany')).rejects.toThrow(
      'persistentvolumeclaims "b" is forbidden: storageclass "fast" allows ReadWriteOnce (its annotation cpaas.io/access-mode), and not ReadWriteMany',
    );
  });
});
