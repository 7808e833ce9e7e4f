import { expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { hostnameOf } from './hostname.ts';

it.each([
  { name: 'its name', spec: {}, want: 'web-0' },
  { name: 'spec.hostname', spec: { hostname: 'db', subdomain: 'x' }, want: 'db' },
  { name: 'its full name where it wants that', spec: { subdomain: 'x', setHostnameAsFQDN: true }, want: 'web-0.x.shop.svc.cluster.local' },
  { name: 'its short name where it has no full one', spec: { setHostnameAsFQDN: true }, want: 'web-0' },
  { name: 'spec.hostnameOverride before all', spec: { hostname: 'db', hostnameOverride: 'other.example' }, want: 'other.example' },
])('a pod’s containers are named $name', ({ spec, want }) => {
  expect(hostnameOf(aStoredPod({ name: 'web-0', namespace: 'shop', spec }))).toBe(want);
});

it('a full name that is too long for a host is refused', () => {
  const pod = aStoredPod({ name: 'a'.repeat(50), spec: { subdomain: 'x', setHostnameAsFQDN: true } });
  expect(() => hostnameOf(pod)).toThrow(/is too long \(64 characters is the max, 7\d characters requested\)/);
});
