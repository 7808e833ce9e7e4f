import { Worker } from 'node:worker_threads';
import { fail, ok, type Result } from '#kit/errors.ts';
import { parseExactJson } from '#kit/exact-json.ts';
import { trusted } from '#kit/json.ts';
import { Limiter } from '#kit/limiter.ts';
import { type ParsedYaml, parseYaml, type YamlLimits } from './parse-yaml.ts';
import type { YamlAnswer, YamlTask } from './yaml-worker.ts';

/** Longest text that is read here, in characters: some milliseconds. */
const SHORT_CHARS = 32 * 1024;
/** How many long texts are read at a time, each in a thread of its own. */
const THREADS = 1;
/** Memory of a thread, MiB: a text of 3 MiB that is all structure takes about half. */
const THREAD_MIB = 768;

const lane = new Limiter(THREADS);

/** Reads YAML: a long text in another thread, so that nobody else waits for it. */
export function readYaml(text: string, limits: YamlLimits): Promise<Result<ParsedYaml>> {
  return text.length <= SHORT_CHARS ? Promise.resolve(parseYaml(text, limits)) : lane.run(() => readAside({ text, limits }));
}

function readAside(task: YamlTask): Promise<Result<ParsedYaml>> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('yaml-worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MIB },
    });
    // why: a server that ends does not wait for what somebody sent it
    worker.unref();
    worker.once('message', (message: unknown) => resolve(take(trusted<YamlAnswer>(message))));
    worker.once('error', () => resolve(fail('it takes too much memory to be read: send it as JSON, or in parts')));
    worker.once('exit', () => resolve(fail('its reading was given up: send it again')));
  });
}

function take(answer: YamlAnswer): Result<ParsedYaml> {
  return answer.ok ? ok({ value: parseExactJson(answer.json), duplicates: answer.duplicates }) : fail(answer.error);
}
