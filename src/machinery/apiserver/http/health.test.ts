import { describe, expect, it } from 'vitest';
import { Health } from './health.ts';
import { parseTarget } from './route.ts';

describe('API-1: health', () => {
  const broken = new Set<string>();
  const health = new Health();
  health.add({ name: 'store', probes: ['livez', 'readyz'], isOk: () => !broken.has('store') });
  health.add({ name: 'controllers', probes: ['readyz'], isOk: () => !broken.has('controllers') });

  it.each([
    { path: '/livez', status: 200, text: 'ok' },
    { path: '/livez?verbose', status: 200, text: '[+]ping ok\n[+]log ok\n[+]store ok\nlivez check passed\n' },
    { path: '/healthz?verbose=true', status: 200, text: '[+]ping ok\n[+]log ok\n[+]store ok\nhealthz check passed\n' },
    { path: '/livez/store', status: 200, text: 'ok' },
    { path: '/livez', down: 'controllers', status: 200, text: 'ok' },
    {
      path: '/readyz',
      down: 'store',
      status: 500,
      text: '[+]ping ok\n[+]log ok\n[-]store failed: reason withheld\n[+]controllers ok\nreadyz check failed\n',
    },
    { path: '/readyz?exclude=store', down: 'store', status: 200, text: 'ok' },
    {
      path: '/livez?exclude=store&exclude=wrong&verbose',
      down: 'store',
      status: 200,
      text: '[+]ping ok\n[+]log ok\n[+]store excluded: ok\nwarn: some health checks cannot be excluded: no matches for "wrong"\nlivez check passed\n',
    },
    { path: '/readyz/store', down: 'store', status: 500, text: 'internal server error: store failed: reason withheld\n' },
  ])('answers $path with $status while "$down" is down', ({ path, down, status, text }) => {
    broken.clear();
    if (down !== undefined) broken.add(down);
    expect(health.answer(parseTarget(path))).toMatchObject({ status, body: Buffer.from(text) });
  });

  it.each(['/livez/nothing', '/livez/controllers', '/readyz/store/more'])('knows no check at %s', (path) => {
    expect(() => health.answer(parseTarget(path))).toThrow(expect.objectContaining({ code: 'NotFound' }));
  });
});
