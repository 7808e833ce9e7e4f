import { parentPort, workerData } from 'node:worker_threads';
import { trusted } from '#kit/json.ts';
import { type ParsedYaml, parseYaml, type YamlLimits } from './parse-yaml.ts';

/** What the thread is given to read. */
export interface YamlTask {
  readonly text: string;
  readonly limits: YamlLimits;
}

/** What it answers: the value as JSON, which is taken over faster than an object. */
export type YamlAnswer =
  | { readonly ok: true; readonly json: string; readonly duplicates: ParsedYaml['duplicates'] }
  | { readonly ok: false; readonly error: string };

const { text, limits } = trusted<YamlTask>(workerData);
const read = parseYaml(text, limits);
const answer: YamlAnswer = read.ok
  ? { ok: true, json: JSON.stringify(read.value.value), duplicates: read.value.duplicates }
  : { ok: false, error: read.error };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread, not a window
parentPort?.postMessage(answer);
