import { describe, expect, it } from 'vitest';
import { formatDuration } from './duration.ts';
import {
  causeOf,
  duplicate,
  forbidden,
  formatFieldError,
  formatFieldErrors,
  invalid,
  notFound,
  notSupported,
  required,
  tooLong,
} from './field-error.ts';
import type { ObjectMeta } from './object.ts';
import { validateMetadata, validateMetadataUpdate } from './validate-metadata.ts';
import { configMapKey, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from './validate-name.ts';

describe('names', () => {
  it.each([
    { rule: dns1123Label, right: ['a', 'a-1', '0', 'x'.repeat(63)], wrong: ['', 'A', '-a', 'a-', 'a.b', 'x'.repeat(64)] },
    { rule: dns1123Subdomain, right: ['a.b', 'pvc-1', 'x'.repeat(253)], wrong: ['', 'a..b', 'a_b', '.a', 'x'.repeat(254)] },
    { rule: labelValue, right: ['', 'A_b.c', '1'], wrong: ['-a', 'a b', 'x'.repeat(64)] },
    { rule: qualifiedName, right: ['app', 'example.com/App'], wrong: ['', '/a', 'a/', 'a/b/c', 'A.b/c', '__proto__'] },
    { rule: configMapKey, right: ['a', '.b', '_', '__proto__'], wrong: ['', '.', '..', '..a', 'a/b'] },
  ])('accepts and refuses as upstream (%#)', ({ rule, right, wrong }) => {
    expect(right.filter((value) => rule(value).length > 0)).toEqual([]);
    expect(wrong.filter((value) => rule(value).length === 0)).toEqual([]);
  });

  it("uses upstream's text", () => {
    expect(dns1123Subdomain('Bad_Name')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
        String.raw`(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ]);
    expect(dns1123Label('x'.repeat(64))).toEqual(['must be no more than 63 bytes']);
  });

  it('reads a very long name in time', () => {
    expect(dns1123Subdomain(`${'a-'.repeat(1_000_000)}.`).length).toBeGreaterThan(0);
  });
});

describe('field errors', () => {
  it.each([
    [
      required('spec.accessModes', 'at least 1 access mode is required'),
      'spec.accessModes: Required value: at least 1 access mode is required',
    ],
    [required('spec.resources[storage]'), 'spec.resources[storage]: Required value'],
    [invalid('a', 'x', 'must not'), 'a: Invalid value: "x": must not'],
    [invalid('a', 5, 'must not'), 'a: Invalid value: 5: must not'],
    [invalid('a', undefined, 'must not'), 'a: Invalid value: null: must not'],
    [notSupported('a', 'x', ['y', 'z']), 'a: Unsupported value: "x": supported values: "y", "z"'],
    [forbidden('a', 'no'), 'a: Forbidden: no'],
    [duplicate('a', 'x'), 'a: Duplicate value: "x"'],
    [notFound('a', 'x'), 'a: Not found: "x"'],
    [tooLong('a', 9), 'a: Too long: may not be more than 9 bytes'],
  ])('%# prints as upstream', (error, text) => {
    expect(formatFieldError(error)).toBe(text);
  });

  it('lists several in brackets, each once', () => {
    expect(formatFieldErrors([required('a'), required('b'), required('a')])).toBe('[a: Required value, b: Required value]');
    expect(formatFieldErrors([required('a')])).toBe('a: Required value');
  });

  it('becomes a cause', () => {
    expect(causeOf(notSupported('a', 'x', ['y']))).toEqual({
      reason: 'FieldValueNotSupported',
      message: 'Unsupported value: "x": supported values: "y"',
      field: 'a',
    });
  });

  it('does not send a megabyte back', () => {
    expect(formatFieldError(invalid('a', 'x'.repeat(1_000_000), 'no')).length).toBeLessThan(20_000);
  });
});

describe('metadata', () => {
  const meta = (more: Partial<ObjectMeta> = {}): ObjectMeta => ({
    name: 'n',
    namespace: 'ns',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...more,
  });
  const rules = { isNamespaced: true, name: dns1123Subdomain };

  it.each([
    {
      name: 'a right one',
      given: meta({ labels: { a: 'b' }, annotations: { 'Example.com/X': 'any thing' }, finalizers: ['a.b/c', 'foregroundDeletion'] }),
      fields: [],
    },
    { name: 'no name', given: meta({ name: '' }), fields: ['metadata.name'] },
    { name: 'no namespace', given: meta({ namespace: undefined }), fields: ['metadata.namespace'] },
    { name: 'a label key', given: meta({ labels: { 'a b': 'c' } }), fields: ['metadata.labels'] },
    { name: 'a label value', given: meta({ labels: { a: 'b c' } }), fields: ['metadata.labels.a'] },
    {
      name: 'annotations that are too long',
      given: meta({ annotations: { a: 'x'.repeat(256 * 1024) } }),
      fields: ['metadata.annotations'],
    },
    { name: 'a finalizer without prefix', given: meta({ finalizers: ['mine'] }), fields: ['metadata.finalizers'] },
    { name: 'finalizers that contradict', given: meta({ finalizers: ['orphan', 'foregroundDeletion'] }), fields: ['metadata.finalizers'] },
    {
      name: 'an owner without uid',
      given: meta({ ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '' }] }),
      fields: ['metadata.ownerReferences.uid'],
    },
  ])('tells the field of $name', ({ given, fields }) => {
    expect(validateMetadata(given, rules).map(({ field }) => field)).toEqual(fields);
  });

  it('keeps cluster-wide kinds out of namespaces', () => {
    expect(validateMetadata(meta(), { ...rules, isNamespaced: false }).map(formatFieldError)).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ]);
  });

  it('lets nobody add a finalizer to what is being deleted', () => {
    const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b'] };
    expect(validateMetadataUpdate(meta({ ...deleted, finalizers: ['a/b', 'c/d'] }), meta(deleted)).map(({ field }) => field)).toEqual([
      'metadata.finalizers',
    ]);
    expect(validateMetadataUpdate(meta({ ...deleted, finalizers: [] }), meta(deleted))).toEqual([]);
    expect(validateMetadataUpdate(meta({ uid: 'other' }), meta()).map(formatFieldError)).toEqual([
      'metadata.uid: Invalid value: "other": field is immutable',
    ]);
  });
});

describe('formatDuration', () => {
  const [S, M, H, D] = [1000, 60_000, 3_600_000, 86_400_000];
  it.each([
    [-3 * S, '<invalid>'],
    [-S, '0s'],
    [0, '0s'],
    [119 * S, '119s'],
    [2 * M, '2m'],
    [9 * M + 5 * S, '9m5s'],
    [10 * M + 5 * S, '10m'],
    [179 * M, '179m'],
    [3 * H + 20 * M, '3h20m'],
    [8 * H + 20 * M, '8h'],
    [47 * H, '47h'],
    [2 * D + 3 * H, '2d3h'],
    [8 * D + 3 * H, '8d'],
    [729 * D, '729d'],
    [731 * D, '2y1d'],
    [9 * 365 * D, '9y'],
  ])('%d ms is %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});
