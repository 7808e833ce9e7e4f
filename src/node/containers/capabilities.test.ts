import { expect, it } from 'vitest';
import type { SecurityContext } from '#api/generated/kubernetes.ts';
import { planCapabilities } from './capabilities.ts';

const ALL = (1n << 41n) - 1n;
const SYS_RESOURCE = 1n << 24n;
const NET_ADMIN = 1n << 12n;

it('hands out containerd’s default list, and nothing more', () => {
  expect(planCapabilities(undefined, ALL).toSorted()).toEqual(
    [
      'CAP_AUDIT_WRITE', 'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_KILL', 'CAP_MKNOD', 'CAP_NET_BIND_SERVICE',
      'CAP_NET_RAW', 'CAP_SETFCAP', 'CAP_SETGID', 'CAP_SETPCAP', 'CAP_SETUID', 'CAP_SYS_CHROOT',
    ], // prettier-ignore
  );
});

it.each<{ name: string; context: SecurityContext; has: string[]; lacks: string[] }>([
  { name: 'add', context: { capabilities: { add: ['NET_ADMIN'] } }, has: ['CAP_NET_ADMIN', 'CAP_CHOWN'], lacks: ['CAP_SYS_ADMIN'] },
  { name: 'add with the prefix', context: { capabilities: { add: ['CAP_NET_ADMIN'] } }, has: ['CAP_NET_ADMIN'], lacks: [] },
  { name: 'drop', context: { capabilities: { drop: ['CHOWN'] } }, has: ['CAP_KILL'], lacks: ['CAP_CHOWN'] },
  {
    name: 'drop all but one',
    context: { capabilities: { drop: ['ALL'], add: ['CHOWN'] } },
    has: ['CAP_CHOWN'],
    lacks: ['CAP_KILL', 'CAP_SETUID'],
  },
  { name: 'add all', context: { capabilities: { add: ['ALL'], drop: ['SYS_ADMIN'] } }, has: ['CAP_NET_ADMIN'], lacks: ['CAP_SYS_ADMIN'] },
  { name: 'privileged', context: { privileged: true, capabilities: { drop: ['ALL'] } }, has: ['CAP_SYS_ADMIN', 'CAP_CHOWN'], lacks: [] },
])('$name', ({ context, has, lacks }) => {
  const planned = planCapabilities(context, ALL);
  expect(planned).toEqual(expect.arrayContaining(has));
  for (const name of lacks) expect(planned).not.toContain(name);
});

it('never hands out what the node itself does not have', () => {
  expect(planCapabilities({ privileged: true }, ALL & ~SYS_RESOURCE)).not.toContain('CAP_SYS_RESOURCE');
});

it('names an added capability that the node does not have, and those that it has', () => {
  const plan = () => planCapabilities({ capabilities: { add: ['NET_ADMIN'] } }, 1n);
  expect(plan).toThrow(/capabilities.add: NET_ADMIN is not available on this node; available are: CHOWN$/);
  expect(planCapabilities({ capabilities: { add: ['NET_ADMIN'] } }, NET_ADMIN)).toEqual(['CAP_NET_ADMIN']);
});
