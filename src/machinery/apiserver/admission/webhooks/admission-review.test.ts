import { describe, expect, it } from 'vitest';
import { readAnswer } from './admission-review.ts';

const ASKED = { uid: 'u1', apiVersion: 'admission.k8s.io/v1' };
const answer = (response: object): unknown => ({
  kind: 'AdmissionReview',
  apiVersion: ASKED.apiVersion,
  response: { uid: 'u1', allowed: true, ...response },
});
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

describe('API-1: answers of webhooks', () => {
  it('are read', () => {
    const operations = [{ op: 'remove', path: '/a' }];
    const read = readAnswer(
      answer({
        patch: encode(operations),
        patchType: 'JSONPatch',
        warnings: ['w', 1],
        auditAnnotations: { k: 'v', n: 1 },
        status: { code: 403, message: 'm' },
      }),
      ASKED,
    );
    expect(read).toEqual({
      ok: true,
      value: { allowed: true, patch: operations, warnings: ['w'], annotations: { k: 'v' }, status: { code: 403, message: 'm' } },
    });
  });

  it.each([
    { name: 'no object', body: [], says: 'no JSON object' },
    {
      name: 'another kind',
      body: { kind: 'Pod', apiVersion: 'v1' },
      says: 'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got v1, Kind=Pod',
    },
    {
      name: 'another version',
      body: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1beta1' },
      says: 'got admission.k8s.io/v1beta1',
    },
    { name: 'no response', body: { kind: 'AdmissionReview', apiVersion: ASKED.apiVersion }, says: 'no response' },
    { name: 'another uid', body: answer({ uid: 'x' }), says: 'expected response.uid="u1", got "x"' },
    {
      name: 'a patch of another type',
      body: answer({ patch: encode([]), patchType: 'Merge' }),
      says: 'patchType of "Merge", must be JSONPatch',
    },
    { name: 'a patch without type', body: answer({ patch: encode([]) }), says: 'patchType of ""' },
    { name: 'a patch that is no list', body: answer({ patch: encode({}), patchType: 'JSONPatch' }), says: 'must be a list' },
    { name: 'a patch that is no JSON', body: answer({ patch: 'eA==', patchType: 'JSONPatch' }), says: 'no JSON in base64' },
  ])('with $name are refused', ({ body, says }) => {
    expect(readAnswer(body, ASKED)).toEqual({ ok: false, error: expect.stringContaining(says) });
  });

  it('allow only what they say they do', () => {
    expect(readAnswer(answer({ allowed: 'true' }), ASKED)).toMatchObject({ ok: true, value: { allowed: false } });
  });
});
