import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LimitRangeItem, Pod } from '#api/generated/kubernetes.ts';
import { limitRanges, persistentVolumeClaims, pods, priorityClasses } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { limitRanger } from './limit-ranger.ts';
import { podPriority } from './pod-priority.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({ admission: [limitRanger, podPriority] });
});
afterEach(() => api.close());

const namespace = 'default';
const range = (item: Partial<LimitRangeItem>): Promise<unknown> =>
  api.client.create(limitRanges, { metadata: { name: 'r', namespace }, spec: { limits: [{ type: 'Container', ...item }] } });
const pod = (resources: object = {}, spec: object = {}): Promise<Pod> =>
  api.client.create(pods, { metadata: { name: 'p', namespace }, spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec } });
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'made',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );

describe('API-2: limit ranges', () => {
  it('give containers what they do not say', async () => {
    await range({ default: { cpu: '500m', memory: '256Mi' }, defaultRequest: { cpu: '100m' } });
    const made = await pod({ limits: { cpu: '1' } });
    expect(made.spec.containers[0]?.resources).toEqual({ requests: { cpu: '1', memory: '256Mi' }, limits: { cpu: '1', memory: '256Mi' } });
    expect(made.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: memory request for container c; memory limit for container c',
    });
  });

  it.each([
    { item: { max: { cpu: '1' } }, resources: { limits: { cpu: '2' } }, says: 'maximum cpu usage per Container is 1, but limit is 2' },
    {
      item: { min: { cpu: '1' } },
      resources: { requests: { cpu: '500m' } },
      says: 'minimum cpu usage per Container is 1, but request is 500m',
    },
    {
      item: { maxLimitRequestRatio: { cpu: '2' } },
      resources: { requests: { cpu: '1' }, limits: { cpu: '3' } },
      says: 'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    },
    {
      item: { type: 'Pod', max: { memory: '1Gi' } },
      resources: { limits: { memory: '2Gi' } },
      says: 'maximum memory usage per Pod is 1Gi, but limit is 2Gi',
    },
    { item: { type: 'Pod', max: { memory: '1Gi' } }, resources: {}, says: 'maximum memory usage per Pod is 1Gi.  No limit is specified' },
    { item: { type: 'Pod', min: { memory: '1Gi' } }, resources: {}, says: 'minimum memory usage per Pod is 1Gi.  No request is specified' },
  ])('refuse a pod: $says', async ({ item, resources, says }) => {
    await range(item);
    expect(await outcome(pod(resources))).toBe(`pods "p" is forbidden: ${says}`);
  });

  it('refuse claims that are too small or too large', async () => {
    await range({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } });
    const claim = (storage: string): Promise<unknown> =>
      api.client.create(persistentVolumeClaims, {
        metadata: { name: 'c', namespace },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      });
    const refusal = 'persistentvolumeclaims "c" is forbidden: ';
    expect(await outcome(claim('500Mi'))).toBe(`${refusal}minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi`);
    expect(await outcome(claim('6Gi'))).toBe(`${refusal}maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi`);
    expect(await outcome(claim('5Gi'))).toBe('made');
  });
});

describe('API-2: priorities', () => {
  const priorityClass = (name: string, value: number, globalDefault = false): Promise<unknown> =>
    api.client.create(priorityClasses, { metadata: { name }, value, globalDefault });
  const removePod = (): Promise<void> => api.client.delete(pods, { namespace, name: 'p' });

  it('come from the class of a pod, or from the default class, or are 0', async () => {
    expect((await pod()).spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    const found = await api.client.get(pods, { namespace, name: 'p' });
    const { priority: _priority, preemptionPolicy: _policy, ...spec } = found.spec;
    expect((await api.client.update(pods, { ...found, spec })).spec).toEqual(found.spec);
    await removePod();
    await priorityClass('high', 100);
    await priorityClass('usual', 5, true);
    expect((await pod()).spec).toMatchObject({ priorityClassName: 'usual', priority: 5 });
    await removePod();
    expect((await pod({}, { priorityClassName: 'high' })).spec.priority).toBe(100);
  });

  it('are not what a pod says itself, and there is one default', async () => {
    expect(await outcome(pod({}, { priorityClassName: 'none' }))).toBe('pods "p" is forbidden: no PriorityClass with name none was found');
    expect(await outcome(pod({}, { priority: 7 }))).toContain('the integer value of priority (7) must not be provided in pod spec');
    await priorityClass('usual', 5, true);
    expect(await outcome(priorityClass('other', 6, true))).toContain('PriorityClass usual is already marked as default');
  });
});
