import { expect, it } from 'vitest';
import { negotiate } from './negotiate.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
it.each([
  { name: 'nothing', accept: '', expected: ['Object', 'json', 'v1'] },
  { name: 'anything', accept: '*/*', expected: ['Object', 'json', 'v1'] },
  {
    name: 'kubectl get',
    accept: `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`,
    expected: ['Table', 'json', 'v1'],
  },
  { name: 'an old table', accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io', expected: ['Table', 'json', 'v1beta1'] },
  { name: 'typed clients', accept: 'application/vnd.kubernetes.protobuf,application/json', expected: ['Object', 'json', 'v1'] },
  {
    name: 'metadata',
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    expected: ['PartialObjectMetadata', 'json', 'v1'],
  },
  { name: 'a preference', accept: 'application/json;q=0.5, application/yaml', expected: ['Object', 'yaml', 'v1'] },
  { name: 'a refusal', accept: 'application/yaml;q=0, application/json;q=0.1', expected: ['Object', 'json', 'v1'] },
  {
    name: 'an unknown transformation first',
    accept: 'application/json;as=Cake;v=v1;g=meta.k8s.io,application/json',
    expected: ['Object', 'json', 'v1'],
  },
])('answers $name', ({ accept, expected }) => {
  const { as, format, version } = negotiate(accept);
  expect([as, format, version]).toEqual(expected);
});

it.each([{ accept: 'application/vnd.kubernetes.protobuf' }, { accept: 'text/html' }, { accept: 'application/cbor;q=1' }])(
  'refuses $accept with 406',
  ({ accept }) => {
    expect(() => negotiate(accept)).toThrow('only the following media types are accepted');
  },
);
