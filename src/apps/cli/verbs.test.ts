import { describe, expect, it, vi } from 'vitest';
import type { ModuleManifest } from '../server/modules/manifest.ts';
import { classExplainer } from '#controllers/stowage/explain/explainers.ts';
import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';
import { candidates } from './candidates.ts';
import { defineCommand } from './define-command.ts';
import { generalHelp, helpOf } from './help.ts';
import { runCommand } from './run-command.ts';
import { reason } from './reason.ts';
import { readSubject } from './subject.ts';
import { type AnyCommand, NO_WORDS } from './verb.ts';
import { explainedKinds } from '../server/modules/manifest.ts';
import { MODULES } from '../server/modules/modules.ts';
import { allVerbs, findVerb, verbsWith } from './verbs.ts';

const VERBS = await allVerbs();
const KINDS = explainedKinds(MODULES);
/** Those of these types, in this order. */
const kindsOf = (...types: readonly string[]): readonly ExplainedKind[] =>
  types.flatMap((type) => KINDS.filter((kind) => kind.type === type));

const context = { env: {}, print: () => {}, signal: new AbortController().signal };

/** Every command that a user can call, by its words. */
async function allCommands(): Promise<readonly (readonly [string, AnyCommand])[]> {
  const found: (readonly [string, AnyCommand])[] = [];
  for (const verb of VERBS.filter(({ isInternal }) => isInternal !== true)) {
    const runnable = await verb.load();
    if (runnable.type === 'command') found.push([verb.name, runnable]);
    else for (const [name, { command }] of runnable.commands) found.push([`${verb.name} ${name}`, command]);
  }
  return found;
}

describe('RUN-1: the command line', () => {
  it('shows every verb but those of its own programs', () => {
    const help = generalHelp(VERBS);
    for (const { name, isInternal } of VERBS) expect(help.includes(`\n  ${name} `)).toBe(isInternal !== true);
  });

  it('has help with examples that are its own words, for each command', async () => {
    for (const [name, command] of await allCommands()) {
      const help = helpOf(name, command);
      expect(help).toContain(`usage: stowage ${name}`);
      expect(help).toContain('Examples:');
      for (const [example] of command.examples) expect(example).toContain(`stowage ${name}`);
      for (const { flag, env } of Object.values(command.flags))
        expect(help).toMatch(new RegExp(`--(no-)?${flag}\\b[^\\n]*\\[\\$${env}\\]`));
    }
  });

  it('refuses words that a command does not take, and flags that it does not know', async () => {
    for (const [name, command] of await allCommands()) {
      await expect(runCommand(command, name, { ...context, argv: ['--xyzzy'] })).rejects.toMatchObject({ reason: 'ConfigInvalid' });
      const argv = Array.from({ length: command.words.max + 1 }, (_, index) => `word-${index}`);
      const refused = runCommand(command, name, { ...context, argv });
      await expect(refused).rejects.toMatchObject({ reason: 'UnknownVerb', message: expect.stringContaining(`stowage help ${name}`) });
    }
  });

  it.each([
    { words: ['pvc/x'], found: { type: 'pvc', name: 'x' } },
    { words: ['pvc', 'x'], found: { type: 'pvc', name: 'x' } },
    { words: ['PersistentVolumeClaims', 'x'], found: { type: 'pvc', name: 'x' } },
    { words: ['po/web-0'], found: { type: 'pod', name: 'web-0' } },
  ])('takes objects as kubectl does: $words', ({ words, found }) => {
    const { type, name } = readSubject('explain', words, kindsOf('pvc', 'pod'));
    expect({ type: type.type, name }).toEqual(found);
  });

  it.each([
    { words: ['pvc'], says: 'takes pvc/NAME or pod/NAME, not "pvc"' },
    { words: ['pvc/'], says: 'not "pvc/"' },
    { words: ['pvc/a/b'], says: 'not "pvc/a/b"' },
    { words: ['pvc', 'a/b'], says: 'not "pvc a/b"' },
    { words: ['pdo/x'], says: 'did you mean pod?' },
    { words: ['constructor/x'], says: 'not "constructor/x"' },
  ])('refuses $words with what would be right', ({ words, says }) => {
    expect(() => readSubject('explain', words, kindsOf('pvc', 'pod'))).toThrow(says);
  });

  it('names the types that fewer people mean after the others', () => {
    const refusal = 'takes pvc/NAME or pod/NAME, not "x/y" (others that it takes: pv, sc)';
    expect(() => readSubject('explain', ['x/y'], kindsOf('pvc', 'pod', 'pv', 'sc'))).toThrow(refusal);
  });

  it.each([
    { asked: 'PoolFull', says: 'What to do: Delete volumes, or ask for less.' },
    { asked: 'FailedAttachVolume', says: 'Multi-Attach error' },
  ])('tells what the reason $asked means', async ({ asked, says }) => {
    const lines: string[] = [];
    await runCommand(reason, 'reason', { env: {}, signal: new AbortController().signal, print: (line) => lines.push(line), argv: [asked] });
    expect(lines.join('\n')).toContain(says);
  });

  it('says which reason somebody meant', async () => {
    const asked = runCommand(reason, 'reason', { env: {}, signal: new AbortController().signal, print: () => {}, argv: ['PoolFul'] });
    await expect(asked).rejects.toMatchObject({ code: 'NotFound', message: expect.stringContaining('did you mean PoolFull?') });
  });

  describe('verbs of modules', () => {
    const load = vi.fn(async () =>
      defineCommand({
        about: 'Loads a tape.',
        examples: [],
        flags: {},
        words: { ...NO_WORDS, max: 1, choices: ['left', 'right'] },
        run: async () => {},
      }),
    );
    const tape: ModuleManifest = {
      name: 'tape',
      needs: [],
      verbs: [{ name: 'tape', summary: 'load a tape', load }],
      load: async () => ({}),
    };
    const verbs = verbsWith([tape]);

    it('are in the help and complete, and load nothing before they run', async () => {
      expect(generalHelp(verbs)).toMatch(/^ {2}tape +load a tape$/m);
      expect(await candidates(verbs, ['ta'], {})).toEqual(['tape']);
      expect(load).not.toHaveBeenCalled();
      expect(await candidates(verbs, ['tape', 'l'], {})).toEqual(['left']);
      expect(load).toHaveBeenCalledWith([tape]);
    });

    it('are found beside the platform’s own', async () => {
      expect(await findVerb('up')).toMatchObject({ name: 'up' });
      expect(await findVerb('driver')).toMatchObject({ name: 'driver' });
      expect(await findVerb('tape')).toBeUndefined();
    });

    it('may explain kinds of their module, which stowage explain takes and completes', async () => {
      const kind: ExplainedKind = { type: 'tape', aliases: ['tapes'], load: async () => classExplainer };
      const explain = verbsWith([{ ...tape, verbs: [], explanations: [...kindsOf('pvc'), kind] }]).find(({ name }) => name === 'explain');
      const runnable = await explain?.load();
      expect(runnable).toMatchObject({ usage: 'pvc/NAME | tape/NAME', words: { choices: ['pvc/', 'tape/'] } });
      const asked = runnable?.type === 'command' ? runCommand(runnable, 'explain', { ...context, argv: ['tap/x'] }) : undefined;
      await expect(asked).rejects.toThrow('did you mean tape?');
    });

    it('do not take the name of another', () => {
      expect(() => verbsWith([tape, { ...tape, name: 'robots' }])).toThrow('the verb tape is there twice');
      expect(() => verbsWith([{ ...tape, verbs: [{ name: 'up', summary: '', load }] }])).toThrow('the verb up is there twice');
    });
  });

  it.each([
    { name: 'verbs', words: ['ex'], found: ['explain'] },
    { name: 'nothing of its own programs', words: ['no'], found: [] },
    { name: 'verbs behind help', words: ['help', 'dr'], found: ['driver'] },
    { name: 'the actions of a verb', words: ['driver', ''], found: ['list', 'add', 'remove', 'serve'] },
    { name: 'flags', words: ['driver', 'list', '--d'], found: ['--data-dir'] },
    { name: 'switches as they help', words: ['up', '--no-d'], found: ['--no-demo'] },
    { name: 'types', words: ['explain', '-n', 'shop', 'p'], found: ['pvc/', 'pod/', 'pv/'] },
    { name: 'reasons', words: ['reason', 'PoolF'], found: ['PoolFull'] },
    { name: 'shells', words: ['completion', ''], found: ['bash', 'zsh', 'fish'] },
    { name: 'no names where nothing runs', words: ['explain', '--data-dir', '/no/where', 'pvc/'], found: [] },
    { name: 'nothing behind an unknown verb', words: ['xyzzy', ''], found: [] },
  ])('completes $name', async ({ words, found }) => {
    expect(await candidates(VERBS, words, {})).toEqual(found);
  });
});
