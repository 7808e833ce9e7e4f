import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { TreeCopy } from '#testing/tree-copy.ts';

function robot(name: string, size: string): string {
  return `apiVersion: tape-robots.stowage.dev/v1alpha1
kind: TapeRobot
metadata: {name: ${name}, namespace: shop}
spec: {size: ${size}}
`;
}

describeWith(['unzip', 'npm'], 'a system that npm run new:module has made, and nobody has touched', () => {
  let copy: TreeCopy;
  let platform: PlatformProcess;
  const commandLine: typeof stowageCommand = (args) => {
    const command = stowageCommand(args);
    const main = path.join(copy.dir, 'src', 'apps', 'cli', 'main.ts');
    return { ...command, args: command.args.with(command.args.length - args.length - 1, main) };
  };
  const stowage = (...words: readonly string[]): { readonly code: number | null; readonly said: string } => {
    const { program, args, env } = commandLine([...words]);
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } });
    return { code: status, said: stdout + stderr };
  };
  const ofShop = (...words: readonly string[]) => stowage(...words, '-n', 'shop', '--data-dir', platform.dataDir);

  beforeAll(async () => {
    copy = new TreeCopy();
    copy.run(process.execPath, 'tools/new.ts', 'module', 'tape-robots');
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--nodes', '2', '--tape-robots-concurrency', '3'], commandLine });
    await platform.kubectl.run(['create', 'namespace', 'shop']);
    await platform.kubectl.run(['apply', '-f', '-'], [robot('good', '10Gi'), robot('bad', '10GB')].join('---\n'));
  });
  afterAll(async () => {
    await platform.remove();
    copy.remove();
  });

  it('serves its kind, with its columns and its schema', async () => {
    expect(await platform.kubectl.run(['-n', 'shop', 'get', 'taperobots'])).toMatch(/^NAME +SIZE +AGE\nbad +10GB .*\ngood +10Gi /);
    const refused = await platform.kubectl.try(['apply', '-f', '-'], robot('none', '{}'));
    expect(refused.stderr).toContain('spec.size');
  });

  it('reads its flag', () => {
    expect(readFileSync(path.join(platform.dataDir, 'logs', 'settings.txt'), 'utf8')).toContain('tape-robots-concurrency = 3');
  });

  it('acts, and tells what is wrong by its reason', async () => {
    const events = [
      '-n',
      'shop',
      'get',
      'events',
      '-o',
      'jsonpath={.items[*].reason} {.items[*].involvedObject.name} {.items[*].source.component}',
    ];
    await eventually(async () => expect(await platform.kubectl.run(events)).toBe('TapeRobotFailed bad stowage-tape-robots'));
    expect(stowage('reason', 'TapeRobotFailed')).toMatchObject({ code: 0, said: expect.stringContaining('Correct its spec') });
  });

  it('has its verb', () => {
    const { said } = ofShop('tape-robots');
    expect(said).toMatch(/^NAME +SIZE +PROBLEM\nbad +10GB +spec\.size: "10GB" is not a quantity.*\ngood +10Gi +-\n$/);
  });

  it.each([
    { name: 'bad', code: 0, says: 'taperobot shop/bad: spec.size: "10GB" is not a quantity' },
    { name: 'good', code: 0, says: 'taperobot shop/good asks for nothing that is missing' },
    { name: 'nope', code: 66, says: 'taperobot shop/nope does not exist' },
  ])('is explained: $name', ({ name, code, says }) => {
    expect(ofShop('explain', `taperobot/${name}`)).toMatchObject({ code, said: expect.stringContaining(says) });
  });

  it('is explained by the running platform, and completed', async () => {
    const answer = await platform.kubectl.run(['get', '--raw', '/console/api/explain?kind=taperobot&namespace=shop&name=bad']);
    expect(JSON.parse(answer)).toMatchObject({
      state: 'blocked',
      summary: { values: { zh: expect.stringContaining('taperobot shop/bad：') } },
    });
    const { said } = stowage('complete', '--', 'explain', '-n', 'shop', '--data-dir', platform.dataDir, 'taperobot/');
    expect(said).toBe('taperobot/bad\ntaperobot/good\n');
  });

  it('gives whoever may edit in a namespace the right to its kind there', async () => {
    await platform.kubectl.run(['-n', 'shop', 'create', 'rolebinding', 'eva', '--clusterrole=edit', '--user=eva']);
    const may = async (verb: string): Promise<string> =>
      (
        await platform.kubectl.try(['--as', 'eva', '-n', 'shop', 'auth', 'can-i', verb, 'taperobots.tape-robots.stowage.dev'])
      ).stdout.trim();
    await eventually(async () => expect(await may('create')).toBe('yes'));
    expect(await may('list')).toBe('yes');
  });

  it('has its driver on the first node and on a further one', () => {
    const { said } = stowage('driver', 'list', '--data-dir', platform.dataDir);
    for (const node of ['node-1', 'node-2'])
      expect(said).toMatch(new RegExp(`tape-robots\\.stowage\\.dev +${node} +\\S+ +ready +built in`));
  });
});
