import { expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { hostHostsText, hostsText } from './prepare-pod.ts';

it.each([
  { name: 'its own name', spec: {}, line: '10.0.0.7\tweb-0' },
  { name: 'spec.hostname', spec: { hostname: 'db' }, line: '10.0.0.7\tdb' },
  { name: 'the full name of spec.subdomain first', spec: { subdomain: 'web' }, line: '10.0.0.7\tweb-0.web.shop.svc.cluster.local\tweb-0' },
  { name: 'spec.hostAliases', spec: { hostAliases: [{ ip: '10.9.9.9', hostnames: ['a', 'b'] }] }, line: '10.9.9.9\ta\tb' },
])('the hosts file of a pod knows $name', ({ spec, line }) => {
  const pod = aStoredPod({ name: 'web-0', namespace: 'shop', spec });
  expect(hostsText(pod, '10.0.0.7').split('\n')).toContain(line);
});

it('a hosts file says first who made it, as programs look for it', () => {
  const pod = aStoredPod({ spec: { hostAliases: [{ ip: '10.9.9.9', hostnames: ['a'] }] } });
  expect(hostsText(pod, '10.0.0.7')).toMatch(/^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\tlocalhost\n/);
  expect(hostHostsText(pod, '10.1.1.1\tmachine\n')).toBe(
    '# Kubernetes-managed hosts file (host network).\n10.1.1.1\tmachine\n\n# Entries added by HostAliases.\n10.9.9.9\ta\n',
  );
});
