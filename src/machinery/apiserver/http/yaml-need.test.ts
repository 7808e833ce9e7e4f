import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { yamlNeedBytes } from './yaml-need.ts';

const MIB = 2 ** 20;
const SOURCE = `
const { workerData: { module, text }, parentPort } = require('node:worker_threads');
const { getHeapStatistics } = require('node:v8');
import(module).then(({ parseYaml }) => {
  parseYaml(text, { maxDepth: 256, maxChars: 1e9 });
  parentPort.postMessage(getHeapStatistics().total_heap_size);
});`;

/** Memory of a thread that has read the text, garbage included: more than it would take with less room. */
async function heapAfter(text: string): Promise<number> {
  const module = new URL('../../../kit/parse-yaml.ts', import.meta.url).href;
  const worker = new Worker(SOURCE, { eval: true, workerData: { module, text }, resourceLimits: { maxOldGenerationSizeMb: 900 } });
  const bytes = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  return Number(bytes);
}

it.each([
  { name: 'lists in lists', text: `${'- '.repeat(200)}a\n`.repeat(1_500) },
  { name: 'lists', text: `[${'[],'.repeat(200_000)}]` },
  { name: 'items', text: `[${'a,'.repeat(300_000)}]` },
  { name: 'members', text: `[${'{a: 1},'.repeat(80_000)}]` },
  { name: 'empty items', text: '-\n'.repeat(300_000) },
  { name: 'keys', text: Array.from({ length: 50_000 }, (_, at) => `${at.toString(36)}: 1`).join('\n') },
  { name: 'anchors', text: Array.from({ length: 30_000 }, (_, at) => `- &a${at} x\n- *a${at}`).join('\n') },
])('API-3: $name take no more memory than is reckoned with twice over', async ({ text }) => {
  expect(await heapAfter(text)).toBeLessThan(2 * yamlNeedBytes(text));
});

it('an ordinary text of a megabyte is reckoned with a fifth of a gigabyte', () => {
  const text = Array.from({ length: 40_000 }, (_, at) => `    field${at}: value of the field`).join('\n');
  expect(text.length).toBeGreaterThan(MIB);
  expect(yamlNeedBytes(text)).toBeLessThan(200 * MIB);
});
