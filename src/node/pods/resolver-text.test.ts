import { expect, it } from 'vitest';
import type { PodSpec } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { resolverText } from './resolver-text.ts';

const HOST = '# made by hand\nnameserver 10.0.0.1\nsearch old\nsearch example.com\noptions ndots:1 rotate\n';
const dnsConfig = { nameservers: ['9.9.9.9'], searches: ['a.b'], options: [{ name: 'ndots', value: '3' }, { name: 'edns0' }] };

it.each<{ name: string; spec: Partial<PodSpec>; want: string | undefined }>([
  { name: 'nothing by default', spec: {}, want: undefined },
  { name: 'what it says itself', spec: { dnsPolicy: 'None', dnsConfig }, want: 'nameserver 9.9.9.9\nsearch a.b\noptions ndots:3 edns0\n' },
  { name: 'the host’s', spec: { dnsPolicy: 'Default' }, want: 'nameserver 10.0.0.1\nsearch example.com\noptions ndots:1 rotate\n' },
  {
    name: 'the host’s on its network',
    spec: { hostNetwork: true },
    want: 'nameserver 10.0.0.1\nsearch example.com\noptions ndots:1 rotate\n',
  },
  {
    name: 'both, its own options first',
    spec: { dnsPolicy: 'Default', dnsConfig },
    want: 'nameserver 10.0.0.1\nnameserver 9.9.9.9\nsearch example.com a.b\noptions rotate ndots:3 edns0\n',
  },
])('a pod resolves names by $name', ({ spec, want }) => {
  expect(resolverText(aStoredPod({ spec }), HOST)).toBe(want);
});
