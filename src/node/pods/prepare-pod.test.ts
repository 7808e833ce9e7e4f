import { expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { hostsText } from './prepare-pod.ts';

it.each([
  { name: 'its own name', spec: {}, line: '10.0.0.7\tweb-0' },
  { name: 'spec.hostname', spec: { hostname: 'db' }, line: '10.0.0.7\tdb' },
  { name: 'the full name of spec.subdomain first', spec: { subdomain: 'web' }, line: '10.0.0.7\tweb-0.web.shop.svc.cluster.local\tweb-0' },
  { name: 'spec.hostAliases', spec: { hostAliases: [{ ip: '10.9.9.9', hostnames: ['a', 'b'] }] }, line: '10.9.9.9\ta\tb' },
])('the hosts file of a pod knows $name', ({ spec, line }) => {
  const pod = aStoredPod({ name: 'web-0', namespace: 'shop', spec });
  expect(hostsText(pod, '10.0.0.7').split('\n')).toContain(line);
});
