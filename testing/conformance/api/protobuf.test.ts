import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { SystemExec } from '#kit/exec.ts';
import { parseExactJson } from '#kit/exact-json.ts';
import { deepEqual, isRecord, trusted } from '#kit/json.ts';
import { decodeProtobuf } from '#machinery/apiserver/protobuf/decode-protobuf.ts';
import { ensureGoProgram } from '#testing/clients/go-program.ts';
import { describeWith } from '#testing/requirements.ts';

/** One object as Go writes it in both forms. */
interface Line {
  readonly apiVersion: string;
  readonly kind: string;
  readonly json: unknown;
  readonly protobuf: string;
}

const BUILD_TIMEOUT_MS = 900_000;
const SEEDS = [1, 2, 3];
const OBJECTS_OF_A_KIND = 12;

describeWith(['go'], 'API-1: protobuf bodies', () => {
  let program: string;
  const run = async (...args: readonly string[]): Promise<string> => (await new SystemExec().run([program, ...args])).stdout;
  beforeAll(async () => {
    program = await ensureGoProgram('protobuf');
  }, BUILD_TIMEOUT_MS);

  it('the facts are those of the Go types', async () => {
    expect(await run('facts')).toBe(readFileSync('src/machinery/apiserver/facts/protobuf.json', 'utf8'));
  });

  it.each(SEEDS)('every field of every kind is read as Go writes it in JSON: seed %i', async (seed) => {
    const kinds = new Set<string>();
    for (const text of (await run('objects', String(seed), String(OBJECTS_OF_A_KIND))).trim().split('\n')) {
      const line = trusted<Line>(parseExactJson(text));
      kinds.add(`${line.apiVersion} ${line.kind}`);
      const { object } = decodeProtobuf(Buffer.from(line.protobuf, 'base64'));
      const difference = findDifference(line.json, object, line.kind);
      expect(difference).toBeUndefined();
    }
    const served = BUILT_IN_KINDS.map(({ resource }) => `${apiVersionOf(resource)} ${resource.kind}`);
    expect(served.filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});

/** Where both differ; undefined where they do not. What Go writes though it is empty may be absent. */
function findDifference(go: unknown, ours: unknown, path: string): string | undefined {
  // why the text: bytes that are nil in Go are empty bytes in every other language
  if (isEmpty(go) && (isEmpty(ours) || ours === '')) return undefined;
  if (Array.isArray(go) && Array.isArray(ours) && go.length === ours.length) {
    return go.map((item, index) => findDifference(item, ours[index], `${path}[${index}]`)).find((found) => found !== undefined);
  }
  if (!isRecord(go) || !isRecord(ours))
    return deepEqual(go, ours) ? undefined : `${path}: ${JSON.stringify(go)} in Go, ${JSON.stringify(ours)} here`;
  const keys = new Set([...Object.keys(go), ...Object.keys(ours)]);
  return [...keys]
    .map((key) => findDifference(memberOf(go, key), memberOf(ours, key), `${path}.${key}`))
    .find((found) => found !== undefined);
}

function memberOf(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.values(value).every(isEmpty));
}
