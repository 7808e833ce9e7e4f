import { describe, expect, it } from 'vitest';
import { formatFieldErrors } from '../meta/field-error.ts';
import { formatLevelVersion, policyOfLabels } from './level.ts';

const labels = (given: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]));

describe('API-2: labels of Pod Security', () => {
  it.each([
    { given: {}, wants: ['privileged:latest', 'privileged:latest', 'privileged:latest'] },
    { given: { enforce: 'restricted' }, wants: ['restricted:latest', 'privileged:latest', 'restricted:latest'] },
    { given: { enforce: 'baseline', 'enforce-version': 'v1.30' }, wants: ['baseline:v1.30', 'privileged:latest', 'baseline:v1.30'] },
    { given: { enforce: 'baseline', warn: 'privileged' }, wants: ['baseline:latest', 'privileged:latest', 'privileged:latest'] },
    {
      given: { enforce: 'baseline', 'enforce-version': 'v1.30', 'warn-version': 'v1.29', audit: 'restricted' },
      wants: ['baseline:v1.30', 'restricted:latest', 'baseline:v1.29'],
    },
  ])('$given', ({ given, wants }) => {
    const { policy, faults } = policyOfLabels(labels(given));
    expect(faults).toEqual([]);
    expect([policy.enforce, policy.audit, policy.warn].map(formatLevelVersion)).toEqual(wants);
  });

  it.each([
    {
      given: { enforce: 'strict' },
      label: 'enforce',
      says: 'Invalid value: "strict": must be one of privileged, baseline, restricted',
      enforced: 'restricted:latest',
    },
    {
      given: { warn: '' },
      label: 'warn',
      says: 'Invalid value: "": must be one of privileged, baseline, restricted',
      enforced: 'privileged:latest',
    },
    ...['1.30', 'v1', 'v1.030', 'v2.0', 'v1.30.1', ''].map((version) => ({
      given: { enforce: 'baseline', 'enforce-version': version },
      label: 'enforce-version',
      says: `Invalid value: ${JSON.stringify(version)}: must be "latest" or "v1.x"`,
      enforced: 'baseline:latest',
    })),
  ])('$given is refused', ({ given, label, says, enforced }) => {
    const { policy, faults } = policyOfLabels(labels(given));
    expect(formatFieldErrors(faults)).toBe(`metadata.labels[pod-security.kubernetes.io/${label}]: ${says}`);
    expect(formatLevelVersion(policy.enforce)).toBe(enforced);
  });
});
