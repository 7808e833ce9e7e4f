import { parentPort, workerData } from 'node:worker_threads';
import { trusted } from '#kit/json.ts';
import { type JsonLimits, scanJson } from './json-scan.ts';
import { type ParsedYaml, parseYaml, type YamlLimits } from '#kit/parse-yaml.ts';

/** What the thread is given to read. */
export interface YamlTask {
  readonly text: string;
  readonly limits: YamlLimits & JsonLimits;
}

/** What it answers: the value as JSON, which is taken over faster than an object. */
export type YamlAnswer =
  | { readonly ok: true; readonly json: string; readonly duplicates: ParsedYaml['duplicates'] }
  | { readonly ok: false; readonly error: string };

function answerTo({ text, limits }: YamlTask): YamlAnswer {
  const read = parseYaml(text, limits);
  if (!read.ok) return { ok: false, error: read.error };
  const json = JSON.stringify(read.value.value);
  const scan = scanJson(json, limits);
  return scan.ok ? { ok: true, json, duplicates: read.value.duplicates } : { ok: false, error: scan.error };
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread, not a window
parentPort?.postMessage(answerTo(trusted<YamlTask>(workerData)));
