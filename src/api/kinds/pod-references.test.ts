import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { DownwardAPIVolumeFile, EnvFromSource, EnvVarSource } from '../generated/kubernetes.ts';
import { formatFieldError } from '../meta/field-error.ts';
import { validateDownwardFile, validateEnvFrom, validateValueSource } from './pod-references.ts';

const v1 = (fieldPath: string) => ({ apiVersion: 'v1', fieldPath });

describe('API-2: where the value of a variable comes from', () => {
  it.each([
    { name: 'a field', source: { fieldRef: v1('status.podIP') }, faults: [] },
    { name: 'the node by its old name', source: { fieldRef: v1('spec.host') }, faults: [] },
    { name: 'one label', source: { fieldRef: v1("metadata.labels['app']") }, faults: [] },
    { name: 'no field', source: { fieldRef: v1('') }, faults: ['f.fieldRef.fieldPath: Required value'] },
    { name: 'no version', source: { fieldRef: { fieldPath: 'metadata.name' } }, faults: ['f.fieldRef.apiVersion: Required value'] },
    {
      name: 'another version',
      source: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } },
      faults: ['f.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2'],
    },
    {
      name: 'a field that nobody can have',
      source: { fieldRef: v1('spec.containers') },
      faults: [
        'f.fieldRef.fieldPath: Invalid value: "spec.containers": error converting fieldPath: field label not supported: spec.containers',
      ],
    },
    {
      name: 'a field for files only',
      source: { fieldRef: v1('metadata.labels') },
      faults: [expect.stringMatching(/^f\.fieldRef\.fieldPath: Unsupported value: "metadata\.labels"/)],
    },
    {
      name: 'a part of a field that has none',
      source: { fieldRef: v1("metadata.name['a']") },
      faults: [expect.stringMatching(/field label does not support subscript/)],
    },
    {
      name: 'a label that is none',
      source: { fieldRef: v1("metadata.labels['A B']") },
      faults: [expect.stringMatching(/^f\.fieldRef: Invalid value: "A B"/)],
    },
    { name: 'an amount', source: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } }, faults: [] },
    { name: 'huge pages', source: { resourceFieldRef: { resource: 'requests.hugepages-2Mi', divisor: '0' } }, faults: [] },
    { name: 'no amount', source: { resourceFieldRef: {} }, faults: ['f.resourceFieldRef.resource: Required value'] },
    {
      name: 'an amount that is none',
      source: { resourceFieldRef: { resource: 'limits.disk' } },
      faults: [expect.stringMatching(/^f\.resourceFieldRef\.resource: Unsupported value: "limits\.disk"/)],
    },
    {
      name: 'a divisor that is none',
      source: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1Ki' } },
      faults: ['f.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m, 1 are supported with the cpu resource'],
    },
    { name: 'a key', source: { secretKeyRef: { name: 's', key: 'k' } }, faults: [] },
    { name: 'no key', source: { secretKeyRef: { name: 's' } }, faults: ['f.secretKeyRef.key: Required value'] },
    {
      name: 'a key of no object',
      source: { configMapKeyRef: { name: 'A_B', key: 'a/b' } },
      faults: [
        expect.stringMatching(/^f\.configMapKeyRef\.name: Invalid value: "A_B"/),
        expect.stringMatching(/^f\.configMapKeyRef\.key: Invalid value: "a\/b"/),
      ],
    },
  ])('$name', ({ source, faults }) => {
    expect(validateValueSource(trusted<EnvVarSource>(source), 'f').map(formatFieldError)).toEqual(faults);
  });
});

describe('API-2: objects whose keys become variables', () => {
  it.each([
    { name: 'one', sources: [{ prefix: 'P_', configMapRef: { name: 'm' } }], faults: [] },
    { name: 'none', sources: [{}], faults: ['f: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'] },
    {
      name: 'two at a time',
      sources: [{ configMapRef: { name: 'm' }, secretRef: { name: 's' } }],
      faults: ['f: Invalid value: "": may not have more than one field specified at a time'],
    },
    { name: 'one without a name', sources: [{ secretRef: {} }], faults: ['f[0].secretRef.name: Required value'] },
    {
      name: 'a name that is none',
      sources: [{ secretRef: { name: 'A_B' } }],
      faults: [expect.stringMatching(/^f\[0\]\.secretRef\.name: Invalid value/)],
    },
    {
      name: 'a prefix that is none',
      sources: [{ prefix: 'a=b', secretRef: { name: 's' } }],
      faults: [expect.stringMatching(/^f\[0\]\.prefix: Invalid value/)],
    },
  ])('$name', ({ sources, faults }) => {
    expect(validateEnvFrom(trusted<readonly EnvFromSource[]>(sources), 'f').map(formatFieldError)).toEqual(faults);
  });
});

describe('API-2: files about the pod itself', () => {
  it.each([
    { name: 'its labels', file: { fieldRef: v1('metadata.labels') }, faults: [] },
    { name: 'an amount of a container', file: { resourceFieldRef: { containerName: 'c', resource: 'limits.cpu' } }, faults: [] },
    { name: 'nothing', file: {}, faults: ['f: Required value: one of fieldRef and resourceFieldRef is required'] },
    {
      name: 'both',
      file: { fieldRef: v1('metadata.uid'), resourceFieldRef: { containerName: 'c', resource: 'limits.cpu' } },
      faults: ['f: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously'],
    },
    {
      name: 'a field for variables only',
      file: { fieldRef: v1('status.podIP') },
      faults: [expect.stringMatching(/^f\.fieldRef\.fieldPath: Unsupported value: "status\.podIP"/)],
    },
    {
      name: 'an amount of nobody',
      file: { resourceFieldRef: { resource: 'limits.cpu' } },
      faults: ['f.resourceFieldRef.containerName: Required value'],
    },
  ])('$name', ({ file, faults }) => {
    expect(validateDownwardFile(trusted<DownwardAPIVolumeFile>(file), 'f').map(formatFieldError)).toEqual(faults);
  });
});
