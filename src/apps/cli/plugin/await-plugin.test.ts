import { describe, expect, it } from 'vitest';
import type { ModuleInfo } from '#api/generated/definitions.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { awaitConfigured, awaitInstalled, awaitUninstalled } from './await-plugin.ts';

const NO_ANSWER_MS = 121_000;
const FAILED = { phase: 'Failed', reason: 'PluginStepFailed', message: 'no way' };

/** What the API has of the object, look by look; the last one stays. */
function looks(...seen: readonly (ModuleInfo['status'] | 'gone')[]) {
  const clock = new FakeClock();
  const left = [...seen];
  const get = async (): Promise<ModuleInfo> => {
    const status = left.length > 1 ? left.shift() : left[0];
    if (status === 'gone') throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message: 'gone' });
    return trusted<ModuleInfo>({ metadata: { name: 'tape', generation: 3 }, status });
  };
  const client = trusted<Pick<Client, 'get'>>({ get });
  return { client, clock, info: 'tape', signal: new AbortController().signal };
}

type Looks = ReturnType<typeof looks>;

/** How the waiting ended, in a word or in those of its refusal. */
async function endOf(waiting: Promise<void>, { clock }: Looks): Promise<string> {
  const ended = waiting.then(
    () => 'done',
    (thrown: unknown) => PlatformError.from(thrown).message,
  );
  await clock.step(NO_ANSWER_MS);
  return ended;
}

describe('PLUG-1: what is said of a plugin that is waited for', () => {
  it.each([
    { name: 'goes', seen: [{ observedGeneration: 3, phase: 'Uninstalling' }, 'gone'], ends: 'done' },
    { name: 'had failed before its deletion, and goes', seen: [{ ...FAILED, observedGeneration: 2 }, 'gone'], ends: 'done' },
    {
      name: 'fails to go as it failed before',
      seen: [
        { ...FAILED, observedGeneration: 2 },
        { ...FAILED, observedGeneration: 3 },
      ],
      ends: 'no way',
    },
    {
      name: 'nobody looks at',
      seen: [{ ...FAILED, observedGeneration: 2 }],
      ends: expect.stringMatching(/^after 120 s ModuleInfo tape is not gone: no way; kubectl describe/),
    },
  ] as const)('one that $name', async ({ seen, ends }) => {
    const awaited = looks(...seen);
    expect(await endOf(awaitUninstalled(awaited), awaited)).toEqual(ends);
  });

  it.each([
    { name: 'is no answer to the next request', seen: [{ ...FAILED, observedGeneration: 3, retriedAt: 'a' }, 'gone'], ends: 'done' },
    { name: 'is one once it names it', seen: [{ ...FAILED, observedGeneration: 3, retriedAt: 'b' }], ends: 'no way' },
  ] as const)('what held it $name', async ({ seen, ends }) => {
    const awaited = looks(...seen);
    expect(await endOf(awaitUninstalled({ ...awaited, retry: 'b' }), awaited)).toBe(ends);
  });

  it.each([
    { name: 'comes', seen: [undefined, { observedGeneration: 3, phase: 'Running', version: '2.0.0' }], ends: 'done' },
    {
      name: 'is of an earlier generation',
      seen: [
        { ...FAILED, observedGeneration: 2 },
        { observedGeneration: 3, phase: 'Running', version: '2.0.0' },
      ],
      ends: 'done',
    },
    { name: 'can not come', seen: [{ ...FAILED, observedGeneration: 3 }], ends: 'no way' },
    { name: 'is gone', seen: ['gone'], ends: 'ModuleInfo tape is gone' },
    {
      name: 'stays another version',
      seen: [{ observedGeneration: 3, phase: 'Running', version: '1.0.0' }],
      ends: expect.stringContaining('is not at work'),
    },
  ] as const)('one that $name', async ({ seen, ends }) => {
    const awaited = looks(...seen);
    expect(await endOf(awaitInstalled({ ...awaited, version: '2.0.0' }), awaited)).toEqual(ends);
  });

  it('settings are at work when they were looked at', async () => {
    const awaited = looks({ observedGeneration: 2, phase: 'Running' }, { observedGeneration: 3, phase: 'Running' });
    expect(await endOf(awaitConfigured(awaited), awaited)).toBe('done');
  });
});
