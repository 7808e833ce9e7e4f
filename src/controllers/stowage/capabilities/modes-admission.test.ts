import { beforeEach, expect, it } from 'vitest';
import { ACCESS_MODES } from '#api/access-modes.ts';
import type { ConfigMap, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { configMaps, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { modesAdmission } from './modes-admission.ts';

type Admission = ReturnType<typeof modesAdmission>;

let admission: Admission;
let storageClass: StorageClass;
let described: readonly ConfigMap[];
beforeEach(() => {
  admission = modesAdmission(() => []);
  storageClass = aStoredClass({ name: 'fast', provisioner: 'a.example' });
  described = [];
});

function describing(name: string, modes: string): ConfigMap {
  const metadata = { name, namespace: 'kube-public', labels: { 'features.alauda.io/type': 'StorageDescription' } };
  // why trusted: the rest of an object says nothing here
  return trusted<ConfigMap>({ metadata, data: { 'a.example': `accessModes: [${modes}]` } });
}

/** What a new claim of both modes is warned of. */
function warned(): readonly string[] {
  return validated(aStoredClaim({ storageClassName: 'fast', accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }));
}

/** What a new claim is warned of. */
function validated(object: PersistentVolumeClaim): readonly string[] {
  const told: string[] = [];
  const view: Parameters<Admission['validate']>[1] = {
    get: <K extends KubeObject>(resource: Resource<K>) =>
      resource.plural === storageClasses.plural ? trusted<K>(storageClass) : undefined,
    list: <K extends KubeObject>(resource: Resource<K>) => trusted({ items: resource.plural === configMaps.plural ? described : [] }),
  };
  const warn = (text: string): void => void told.push(text.replace(/, which .*/, ''));
  admission.validate({ verb: 'create', kind: { resource: persistentVolumeClaims }, subresource: '', object, warn }, view);
  return told;
}

it('CAP-2: what the driver is said not to do is a warning, and each change of what is said counts at once', () => {
  expect(warned()).toEqual([]);
  described = [describing('sd-a', 'ReadWriteOnce')];
  const once = ['spec.accessModes: "ReadWriteMany" is not among ReadWriteOnce'];
  expect([warned(), warned()]).toEqual([once, once]);
  described = [describing('sd-a', 'ReadWriteMany')];
  expect(warned()).toEqual(['spec.accessModes: "ReadWriteOnce" is not among ReadWriteMany']);
  described = [describing('sd-0', 'ReadWriteOnce, ReadWriteMany'), ...described];
  expect(warned()).toEqual([]);
  described = [];
  expect(warned()).toEqual([]);
});

it.each([
  { provisioner: 'topolvm.io', refused: ['ReadOnlyMany', 'ReadWriteMany'] },
  { provisioner: 'topolvm.cybozu.com', refused: ['ReadOnlyMany', 'ReadWriteMany'] },
  { provisioner: 'rook-ceph.rbd.csi.ceph.com', refused: ['ReadOnlyMany', 'ReadWriteMany'] },
  { provisioner: 'cephfs.csi.ceph.com', refused: [] },
  { provisioner: 'b.example', refused: [] },
  { provisioner: 'a.example', refused: ['ReadOnlyMany'], told: 'ReadWriteOnce, ReadWriteMany' },
])('SNAP-4: a claim from a snapshot of $provisioner is refused $refused, in words', ({ provisioner, refused, told }) => {
  storageClass = aStoredClass({ name: 'fast', provisioner });
  described = told === undefined ? [] : [describing('sd-a', told)];
  const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'one' };
  const ask = (mode: string, spec: object) => (): unknown =>
    validated(aStoredClaim({ storageClassName: 'fast', accessModes: [mode], spec }));
  for (const { name } of ACCESS_MODES) {
    if (refused.includes(name))
      expect(ask(name, { dataSource })).toThrow(
        `spec.accessModes "${name}": a volume of the driver "${provisioner}" that is made from a snapshot`,
      );
    else expect(ask(name, { dataSource })).not.toThrow();
    expect(ask(name, {})).not.toThrow();
  }
});

it('CLASS-11: so does each change of the class', () => {
  described = [describing('sd-a', 'ReadWriteOnce')];
  expect(warned()).toHaveLength(1);
  storageClass = aStoredClass({ name: 'fast', provisioner: 'b.example' });
  expect(warned()).toEqual([]);
  storageClass = aStoredClass({ name: 'fast', provisioner: 'a.example', annotations: { 'cpaas.io/access-mode': 'ReadWriteOnce' } });
  expect(warned).toThrow('storageclass "fast" allows ReadWriteOnce (its annotation cpaas.io/access-mode), and not ReadWriteMany');
});
