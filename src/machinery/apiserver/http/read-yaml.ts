import { availableParallelism } from 'node:os';
import { availableMemory } from 'node:process';
import { Worker } from 'node:worker_threads';
import { type Clock, SystemClock } from '#kit/clock.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { parseExactJson } from '#kit/exact-json.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { Limiter } from '#kit/limiter.ts';
import { type ParsedYaml, parseYaml } from '#kit/parse-yaml.ts';
import type { YamlAnswer, YamlTask } from './yaml-worker.ts';
import { yamlNeedBytes } from './yaml-need.ts';

/** Longest text that is read here, in characters: some milliseconds. */
const SHORT_CHARS = 32 * 1024;
const MIB = 1024 * 1024;
/** Part of the memory that is free that one text may take. */
const FREE_SHARE = 3 / 4;
/** A thread may have this many times what its text should take: it is never to meet its limit, since V8 may then end the whole process. */
const RESERVE = 2;
/** Most threads, however many processors there are. */
const MOST_THREADS = 4;
/** How long one text may take: ten times what the longest takes on a slow machine. */
const PATIENCE_MS = 30_000;

/** What long texts are read with. */
export interface YamlMeans {
  readonly clock: Clock;
  /** How many long texts are read at a time, each in a thread of its own. */
  readonly threads: number;
  /** Memory that is free at this moment, bytes. */
  readonly freeBytes: () => number;
}

/** Reads YAML: a long text in another thread, so that nobody else waits for it, and never for longer, or with more memory, than a bound says. */
export class YamlReader {
  readonly #means: YamlMeans;
  readonly #lanes: Limiter;
  /** What the texts at work may take. */
  #reservedBytes = 0;

  constructor(means: YamlMeans) {
    this.#means = means;
    this.#lanes = new Limiter(means.threads);
  }

  read(text: string, limits: YamlTask['limits']): Promise<Result<ParsedYaml>> {
    return text.length <= SHORT_CHARS ? Promise.resolve(parseYaml(text, limits)) : this.#lanes.run(() => this.#readAside({ text, limits }));
  }

  /** A thread that dies takes one text with it; the next one gets a new thread. */
  #readAside(task: YamlTask): Promise<Result<ParsedYaml>> {
    const { clock, freeBytes } = this.#means;
    const needBytes = yamlNeedBytes(task.text);
    // why with those at work: what they are about to take is free at this moment
    if (this.#reservedBytes + needBytes > freeBytes() * FREE_SHARE) return Promise.resolve(fail(TOO_MUCH));
    this.#reservedBytes += needBytes;
    const { promise, resolve } = Promise.withResolvers<Result<ParsedYaml>>();
    const worker = new Worker(new URL('yaml-worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil((needBytes * RESERVE) / MIB) },
    });
    // why: a server that ends does not wait for what somebody sent it
    worker.unref();
    worker.once('message', (message: unknown) => resolve(take(trusted<YamlAnswer>(message))));
    worker.once('error', (thrown: unknown) => resolve(fail(whyDead(thrown))));
    worker.once('exit', () => resolve(fail(GIVEN_UP)));
    const timer = clock.after(PATIENCE_MS, () => {
      resolve(fail(`it takes longer than ${PATIENCE_MS / 1_000} s to be read: send it as JSON, or in parts`));
      void worker.terminate();
    });
    return promise.finally(() => {
      timer.cancel();
      this.#reservedBytes -= needBytes;
    });
  }
}

const TOO_MUCH = 'it takes more memory to be read than there is: send it as JSON, or in parts';
const GIVEN_UP = 'its reading was given up: send it again';

function whyDead(thrown: unknown): string {
  const isFull = isRecord(thrown) && thrown['code'] === 'ERR_WORKER_OUT_OF_MEMORY';
  return isFull ? TOO_MUCH : GIVEN_UP;
}

function take(answer: YamlAnswer): Result<ParsedYaml> {
  return answer.ok ? ok({ value: parseExactJson(answer.json), duplicates: answer.duplicates }) : fail(answer.error);
}

const reader = new YamlReader({
  clock: new SystemClock(),
  threads: Math.min(MOST_THREADS, availableParallelism()),
  freeBytes: availableMemory,
});

/** Reads YAML with the means of this process. */
export function readYaml(text: string, limits: YamlTask['limits']): Promise<Result<ParsedYaml>> {
  return reader.read(text, limits);
}
