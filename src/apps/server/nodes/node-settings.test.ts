import { expect, it } from 'vitest';
import { parseConfig } from '#kit/config.ts';
import { serverConfig } from '../config.ts';
import { nodeArguments, nodeConfig } from './node-settings.ts';

it.each([
  { name: 'as they are by default', argv: ['--nodes=3'], expected: { poolSize: undefined, pluginsRegistry: undefined } },
  {
    name: 'as somebody wants them',
    argv: [
      '--nodes=3',
      '--data-dir=/some where/data',
      '--node-monitor-grace-period=5',
      '--keep-pods',
      '--pool-size=1Gi',
      '--insecure-registries=a:5000,b:5000',
      '--plugins-registry=/registry',
      '--image-fallback=host',
      '--image-gc-high-threshold=70',
      '--image-gc-low-threshold=60',
      '--pod-max-pids=99',
      '--eviction-hard=nodefs.available<1Gi',
      '--log-level=debug',
      '--log-maxsize=7',
      '--log-maxbackup=2',
    ],
    expected: { poolSize: 1024n ** 3n, pluginsRegistry: '/registry' },
  },
])("a further node is started with its platform's settings, $name", ({ argv, expected }) => {
  const config = parseConfig(serverConfig, { argv, env: {} });
  const node = parseConfig(nodeConfig, { argv: nodeArguments('node-2', config), env: {} });
  const { name, ...shared } = node;
  expect(name).toBe('node-2');
  expect(shared).toMatchObject({ nodes: 3, ...expected });
  expect(config).toMatchObject(shared);
  expect(Object.keys(shared).length).toBeGreaterThan(8);
});
