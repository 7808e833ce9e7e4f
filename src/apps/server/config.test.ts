import { describe, expect, it } from 'vitest';
import { parseConfig } from '#kit/config.ts';
import { serverConfig } from './config.ts';

describe('RUN-1: the flags of npm start', () => {
  it('has the documented defaults', () => {
    expect(parseConfig(serverConfig, { argv: [], env: {} })).toMatchObject({
      port: 7443,
      listen: '127.0.0.1',
      nodes: 1,
      demo: true,
      install: true,
      keepPods: false,
    });
  });

  it.each([
    { name: 'a port that is none', argv: ['--port', '70000'], says: /--port: "70000": must be a whole number from 0 to 65535/ },
    { name: 'a pool size that is no quantity', argv: ['--pool-size', '50GB'], says: /--pool-size: "50GB": .*for example/ },
    { name: 'more than one node', argv: ['--nodes', '3'], says: /--nodes: "3": this version runs exactly one embedded node/ },
    { name: 'another cluster', argv: ['--kubeconfig', 'x'], says: /--kubeconfig: "x": this version works on its embedded API only/ },
    { name: 'an unknown log level', argv: ['--log-level', 'loud'], says: /must be one of error, warn, info, debug/ },
  ])('refuses $name with flag, value and remedy', ({ argv, says }) => {
    expect(() => parseConfig(serverConfig, { argv, env: {} })).toThrow(says);
  });
});
