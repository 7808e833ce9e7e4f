import { expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { VolumeProjection } from '../generated/kubernetes.ts';
import { formatFieldError } from '../meta/field-error.ts';
import { validateProjections } from './pod-projections.ts';

it.each([
  {
    name: 'right ones',
    sources: [
      { secret: { name: 's', items: [{ key: 'k', path: 'a/b' }] } },
      { downwardAPI: { items: [{ path: 'l', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.labels' } }] } },
      { serviceAccountToken: { path: 't', expirationSeconds: 600 } },
    ],
    faults: [],
  },
  { name: 'one of nothing', sources: [{}], faults: [] },
  {
    name: 'two in one',
    sources: [{ configMap: { name: 'm' }, secret: { name: 's' } }],
    faults: ['v.sources[0].secret: Forbidden: may not specify more than 1 volume type per source'],
  },
  {
    name: 'a file about the pod without a place, and one with a mode that is none',
    sources: [
      {
        downwardAPI: {
          items: [
            { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
            { path: '../n', mode: 512, fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
          ],
        },
      },
    ],
    faults: [
      'v.sources[0].downwardAPI.path: Required value',
      'v.sources[0].downwardAPI.path: Invalid value: "../n": must not contain \'..\'',
      'v.sources[0].downwardAPI.mode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
    ],
  },
  {
    name: 'an object without a name, and a key without one',
    sources: [{ configMap: { items: [{ path: 'p' }] } }],
    faults: ['v.sources[0].configMap.name: Required value', 'v.sources[0].configMap.items[0].key: Required value'],
  },
  {
    name: 'files that lead out of the volume, or stand where it keeps its own',
    sources: [
      {
        secret: {
          name: 's',
          items: [
            { key: 'k', path: '../a' },
            { key: 'k', path: '/a' },
            { key: 'k', path: '..data' },
          ],
        },
      },
    ],
    faults: [
      'v.sources[0].secret.items[0].path: Invalid value: "../a": must not contain \'..\'',
      'v.sources[0].secret.items[1].path: Invalid value: "/a": must be a relative path',
      'v.sources[0].secret.items[2].path: Invalid value: "..data": must not start with \'..\'',
    ],
  },
  {
    name: 'two files at one place',
    sources: [{ secret: { name: 's', items: [{ key: 'k', path: 'p' }] } }, { configMap: { name: 'c', items: [{ key: 'k', path: 'p' }] } }],
    faults: ['v: Invalid value: "p": conflicting duplicate paths'],
  },
  {
    name: 'a file where a token is, which upstream does not look at',
    sources: [{ secret: { name: 's', items: [{ key: 'k', path: 'p' }] } }, { serviceAccountToken: { path: 'p' } }],
    faults: [],
  },
  {
    name: 'a token that lives too short, without a place',
    sources: [{ serviceAccountToken: { expirationSeconds: 599 } }],
    faults: [
      'v.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'v.path: Required value',
    ],
  },
  {
    name: 'a token that lives too long, outside',
    sources: [{ serviceAccountToken: { expirationSeconds: 2 ** 32 + 1, path: '/t' } }],
    faults: [
      'v.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
      'v.path: Invalid value: "/t": must be a relative path',
    ],
  },
])('VOL-11: sources of a projected volume: $name', ({ sources, faults }) => {
  expect(validateProjections(trusted<readonly VolumeProjection[]>(sources), 'v').map(formatFieldError)).toEqual(faults);
});
