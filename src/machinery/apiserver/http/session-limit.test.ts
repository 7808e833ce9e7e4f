import { expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { type Reach, SessionLimit } from './session-limit.ts';

const what = 'visits';

function visits(perPod: number, perUser: number) {
  const limit = new SessionLimit({ what, perPod, perUser });
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const open: Promise<void>[] = [];
  return {
    begin: (reach: Reach): void => void open.push(limit.run(reach, () => over)),
    once: (reach: Reach) => limit.run(reach, async () => 'done'),
    endAll: async (): Promise<void> => {
      end();
      await Promise.all(open);
    },
  };
}

const podOf = (name: string) => aStoredPod({ name, uid: name });
const ann = { name: 'ann' };
const ben = { name: 'ben' };

it.each([
  { name: 'one pod', bounds: [2, 9], full: { pod: podOf('a'), user: ben }, free: { pod: podOf('b'), user: ann }, whose: 'of the pod a' },
  {
    name: 'one user',
    bounds: [9, 2],
    full: { pod: podOf('b'), user: ann },
    free: { pod: podOf('a'), user: ben },
    whose: 'of the user "ann"',
  },
])('API-1: bounds what reaches into $name, and nobody else’s', async ({ bounds: [perPod = 0, perUser = 0], full, free, whose }) => {
  const { begin, once, endAll } = visits(perPod, perUser);
  begin({ pod: podOf('a'), user: ann });
  begin({ pod: podOf('a'), user: ann });
  await expect(once(full)).rejects.toMatchObject({
    code: 'ResourceExhausted',
    reason: 'TooManySessions',
    message: `2 visits ${whose} are open, more are not served: end some`,
  });
  expect(await once(free)).toBe('done');
  await endAll();
  expect(await once(full)).toBe('done');
});

it('what failed counts no more', async () => {
  const limit = new SessionLimit({ what, perPod: 1, perUser: 1 });
  const reach = { pod: podOf('a'), user: ann };
  await expect(limit.run(reach, () => Promise.reject(new TypeError('no')))).rejects.toThrow('no');
  expect(await limit.run(reach, async () => 'done')).toBe('done');
});
