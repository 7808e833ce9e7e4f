import { describe, expect, it } from 'vitest';
import { formatFlags, parseConfig, parsers } from '#kit/config.ts';
import { SystemClock } from '#kit/clock.ts';
import { silentLogger } from '#kit/log.ts';
import { serverConfig, serverConfigOf } from './config.ts';
import type { ModuleManifest } from './modules/manifest.ts';
import { nodeConfigOf } from './nodes/node-settings.ts';
import { oidcAuthenticators } from './oidc.ts';

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
    { name: 'more nodes than one machine has room for', argv: ['--nodes', '17'], says: /--nodes: "17"/ },
    { name: 'another cluster', argv: ['--kubeconfig', 'x'], says: /--kubeconfig: "x": this version works on its embedded API only/ },
    {
      name: 'an issuer without TLS',
      argv: ['--oidc-issuer-url', 'http://x'],
      says: /--oidc-issuer-url: "http:\/\/x": must be an https:\/\/ URL/,
    },
    { name: 'a required claim without value', argv: ['--oidc-required-claim', 'hd'], says: /must be CLAIM=VALUE/ },
    { name: 'a signature that is none', argv: ['--oidc-signing-algs', 'RS256,HS256'], says: /must be one of RS256/ },
    { name: 'an unknown log level', argv: ['--log-level', 'loud'], says: /must be one of error, warn, info, debug/ },
  ])('refuses $name with flag, value and remedy', ({ argv, says }) => {
    expect(() => parseConfig(serverConfig, { argv, env: {} })).toThrow(says);
  });
});

describe('flags of modules', () => {
  const tape = {
    flag: 'tape',
    env: 'STOWAGE_TAPE',
    default: 'none',
    placeholder: 'PATH',
    doc: 'the robot',
    parse: parsers.text,
  } as const;
  const robots: ModuleManifest = { name: 'robots', needs: [], flags: { tape }, nodeFlags: { tape }, load: async () => ({}) };

  it('are flags of stowage up, and where they are wanted on nodes of stowage node', () => {
    expect(parseConfig(serverConfigOf([robots]), { argv: ['--tape=/dev/changer'], env: {} })).toMatchObject({ tape: '/dev/changer' });
    expect(formatFlags(serverConfigOf([robots]))).toContain('--tape PATH');
    expect(parseConfig(nodeConfigOf([robots]), { argv: [], env: { STOWAGE_TAPE: '/x' } })).toMatchObject({ tape: '/x' });
    expect(formatFlags(nodeConfigOf([{ ...robots, nodeFlags: {} }]))).not.toContain('--tape');
  });

  it('do not take one of the platform’s own names', () => {
    const taken = { ...tape, flag: 'port' };
    expect(() => serverConfigOf([{ ...robots, flags: { taken } }])).toThrow('the flag --port is there twice');
  });
});

describe('API-3: the flags of an OpenID provider', () => {
  const parts = { clock: new SystemClock(), log: silentLogger };
  const parse = (...argv: readonly string[]) => parseConfig(serverConfig, { argv, env: {} });

  it('are those of kube-apiserver', () => {
    const config = parse('--oidc-issuer-url', 'https://id.example.com', '--oidc-client-id=c', '--oidc-required-claim', 'hd=acme,x=y=z');
    expect(config).toMatchObject({
      oidcIssuerUrl: 'https://id.example.com',
      oidcClientId: 'c',
      oidcUsernameClaim: 'sub',
      oidcGroupsPrefix: '',
      oidcRequiredClaim: { hd: 'acme', x: 'y=z' },
      oidcSigningAlgs: ['RS256'],
    });
    expect(oidcAuthenticators(config, parts)).toHaveLength(1);
    expect(oidcAuthenticators(parse(), parts)).toEqual([]);
  });

  it('need each other', () => {
    expect(() => oidcAuthenticators(parse('--oidc-issuer-url', 'https://x'), parts)).toThrow(
      /--oidc-client-id: is needed with --oidc-issuer-url/,
    );
    const withoutFile = parse('--oidc-issuer-url', 'https://x', '--oidc-client-id', 'c', '--oidc-ca-file', '/no/such/file');
    expect(() => oidcAuthenticators(withoutFile, parts)).toThrow(/--oidc-ca-file: \/no\/such\/file can't be read/);
  });
});
