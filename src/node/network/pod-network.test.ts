import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandFailed, type Exec, type ExecOptions } from '#kit/exec.ts';
import { createLogger } from '#kit/log.ts';
import { NodePaths } from '../node-paths.ts';
import { claimBlocks, readBlock } from './claim-block.ts';
import { hardwareAddress } from './interface-names.ts';
import { PodNetwork } from './pod-network.ts';

const log = createLogger({ level: 'error' });
let root: string;
let ran: string[];
let routes: object[];
/** Words of a command that the machine refuses. */
let refused: string | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stowage-network-'));
  mkdirSync(join(root, 'pods'));
  ran = [];
  routes = [];
  refused = undefined;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const exec: Exec = {
  run: async (argv: readonly string[], { stdin = '' }: ExecOptions = {}) => {
    const lines = [argv.join(' '), ...stdin.trim().split('\n')];
    const result = { stdout: argv.includes('route') ? JSON.stringify(routes) : '', stderr: 'Operation not supported', exitCode: 2 };
    if (refused !== undefined && lines.some((line) => line.includes(refused ?? ''))) throw new CommandFailed(argv, result);
    ran.push(...lines);
    return { ...result, exitCode: 0 };
  },
};

const claim = (range = '10.0.0.0/16', dirs = [root]) => claimBlocks({ range, nodeDirs: dirs, exec, log });
const network = () =>
  new PodNetwork({ paths: new NodePaths({ root, runtime: join(root, 'run') }), exec, log, apiAddress: () => undefined });
const podPaths = (uid: string) => new NodePaths({ root, runtime: join(root, 'run') }).pod(uid);

describe('claimBlocks', () => {
  it('keeps the block of the last start', async () => {
    const [first] = await claim();
    expect(await claim()).toEqual([first]);
  });

  it('gives each node its own', async () => {
    const gateways = await claim('10.0.0.0/16', [root, join(root, 'second'), join(root, 'third')]);
    expect(new Set(gateways).size).toBe(3);
  });

  it('leaves a block that another network has taken since', async () => {
    const [first = ''] = await claim();
    routes = [
      { dst: 'default', dev: 'eth0' },
      { dst: first.replace(/\d+$/, '0/24'), dev: 'vpn0' },
    ];
    const [second] = await claim();
    expect(second).not.toBe(first);
  });

  it('has none where there is to be none, or no room', async () => {
    expect(await claim('none')).toEqual([]);
    expect(await readBlock(root)).toBeUndefined();
    routes = [{ dst: '10.0.0.0/8', dev: 'vpn0' }];
    expect(await claim()).toEqual([]);
  });
});

describe('PodNetwork', () => {
  it('writes an address down before it makes anything, and makes it once', async () => {
    await claim('10.0.7.0/24');
    const pods = network();
    expect(await pods.start()).toBeUndefined();
    ran = [];
    await pods.attach(podPaths('u1'));
    expect(pods.addressOf('u1')).toBe('10.0.7.2');
    expect(ran.filter((line) => /netns add|addr add|route add/.test(line))).toEqual([
      expect.stringMatching(/^netns add stowage-[0-9a-f]{8}-u1$/),
      'addr add 10.0.7.2/24 dev eth0',
      'route add default via 10.0.7.1',
    ]);
    expect(JSON.parse(readFileSync(podPaths('u1').network, 'utf8'))).toEqual({ address: '10.0.7.2', isReady: true });
    await pods.attach(podPaths('u2'));
    expect(pods.addressOf('u2')).toBe('10.0.7.3');
  });

  it('a pod keeps its address through a restart, and gives it back when it goes', async () => {
    await claim('10.0.7.0/24');
    mkdirSync(podPaths('u1').dir);
    writeFileSync(podPaths('u1').network, JSON.stringify({ address: '10.0.7.9', isReady: false }));
    const pods = network();
    await pods.start();
    expect(pods.addressOf('u1')).toBe('10.0.7.9');
    await pods.attach(podPaths('u1'));
    expect(ran).toContain('addr add 10.0.7.9/24 dev eth0');
    await pods.detach(podPaths('u1'), 'keep');
    expect(pods.addressOf('u1')).toBe('10.0.7.9');
    await pods.detach(podPaths('u1'), 'free');
    expect(pods.addressOf('u1')).toBeUndefined();
  });

  it('without a block pods have their loopback', async () => {
    await claim('none');
    const pods = network();
    expect(await pods.start()).toBeUndefined();
    ran = [];
    await pods.attach(podPaths('u1'));
    expect(ran.filter((line) => line.includes('link'))).toEqual([expect.stringMatching(/link set lo up$/)]);
    expect(pods.addressOf('u1')).toBeUndefined();
  });

  it.each([
    { name: 'bridges', words: 'type bridge', says: /does not let a bridge be made/ },
    { name: 'links', words: 'type veth', says: /does not let links be made/ },
  ])('a machine without $name says so, and pods have their loopback', async ({ words, says }) => {
    await claim();
    refused = words;
    const pods = network();
    expect(await pods.start()).toMatch(says);
    await pods.attach(podPaths('u1'));
    expect(pods.addressOf('u1')).toBeUndefined();
  });
});

it('a hardware address belongs to one address', () => {
  expect(hardwareAddress('10.212.7.9')).toBe('0a:58:0a:d4:07:09');
});
