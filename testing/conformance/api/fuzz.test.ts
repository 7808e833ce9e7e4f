import { Agent, request as sendRequest } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { configMaps } from '#api/resources.ts';
import type { LogFields, Logger } from '#kit/log.ts';
import { establish, resourceOf } from '#testing/builders/definition.ts';
import { idlePodStreams } from '#testing/fakes/idle-pod-streams.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import { type RandomRequest, randomRequest } from '#testing/fuzz/random-request.ts';
import { DISKS, RACKS, SEEDS } from '#testing/fuzz/seeds.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const MATERIAL = { seeds: SEEDS, own: [resourceOf(DISKS), resourceOf(RACKS)] };

/** The first seed, and how long requests are made up; `FUZZ_SEED` and `FUZZ_SECONDS` replay or prolong. */
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? '1');
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? '4');
/** What answers must be among. */
const REACHED = [200, 201, 400, 401, 404, 405, 406, 409, 415, 422];
/** How many requests may be needed for that, whatever time they take. */
const MOST_REQUESTS = 20_000;
/** Requests under way at a time, so that they also meet each other. */
const AT_A_TIME = 8;
/** What the requests may leave behind: the events that are kept, documents, and this test's own. */
const MOST_MIB = 200;
/** An answer that has not ended by then is a watch or a log. */
const STREAM_MS = 40;

let signedIn: SignedInApi;
let api: SignedInApi['api'];
let port: number;
let statuses: Map<number, number>;
let faults: (readonly [string, LogFields | undefined])[];
const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });

beforeEach(async () => {
  faults = [];
  statuses = new Map();
  const log: Logger = {
    error: (message, fields) => void faults.push([message, fields]),
    warn: () => {},
    info: () => {},
    debug: () => {},
    with: () => log,
  };
  signedIn = await startSignedInApi({
    log,
    podStreams: idlePodStreams,
    podLogs: {
      open: async () =>
        (async function* () {
          yield Buffer.from('one line\n');
        })(),
    },
  });
  ({ api, port } = signedIn);
  for (const definition of [DISKS, RACKS]) await establish(api.client, definition);
});
afterEach(async () => {
  agent.destroy();
  await signedIn.close();
});

interface Heard {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

/** Sends a request and hears the answer, or the beginning of a stream. */
function hear({ method, path, headers, body }: RandomRequest): Promise<Heard> {
  return new Promise((resolve) => {
    const sent = sendRequest({ agent, host: '127.0.0.1', port, method, path, headers: { ...headers, 'content-length': body.length } });
    sent.on('error', (error) => resolve({ status: 0, text: error.message, type: '' }));
    // why: a connection that became something else is not this test's to speak on
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, text: '', type: '' });
    });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      const finish = (): void => {
        clearTimeout(timer);
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          type: response.headers['content-type'] ?? '',
        });
      };
      const timer = setTimeout(() => {
        response.destroy();
        finish();
      }, STREAM_MS);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', finish);
      // why: a stream that this test cut ends with an error that says so
      response.on('error', finish);
    });
    sent.end(body);
  });
}

/** Upstream answers 504 to a version that does not exist yet. */
function isFault({ status, text }: Heard): boolean {
  return (status >= 500 && !(status === 504 && text.includes('Too large resource version'))) || status === 0;
}

/** JavaScript heap and buffers in use after a full collection. */
function usedMib(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 ** 2;
}

async function tryOne(seed: number): Promise<string | undefined> {
  const request = randomRequest(seededRoll(seed), MATERIAL);
  const heard = await hear(request);
  statuses.set(heard.status, (statuses.get(heard.status) ?? 0) + 1);
  const isWrong =
    isFault(heard) ||
    (heard.status >= 400 && request.method !== 'HEAD' && heard.type === 'application/json' && !heard.text.includes('"kind":"Status"'));
  if (!isWrong) return undefined;
  const body = request.body.toString().slice(0, 500);
  return `seed ${seed}: ${request.method} ${request.path.slice(0, 300)} as ${request.headers['content-type'] ?? 'nothing'}: ${heard.status} ${heard.text.slice(0, 300)}\n${body}`;
}

it('API-3: whatever is sent, no answer blames the server, and it goes on', async () => {
  const beforeMib = usedMib();
  const untilMs = Date.now() + SECONDS * 1000;
  const wrong: string[] = [];
  let seed = FIRST_SEED;
  // the requests are not so wrong that nothing behind the first check is reached, on a machine that has little time, too
  const isWide = (): boolean => REACHED.every((status) => statuses.has(status));
  const work = async (): Promise<void> => {
    while ((Date.now() < untilMs || (!isWide() && seed < FIRST_SEED + MOST_REQUESTS)) && wrong.length < 5) {
      seed += 1;
      const said = await tryOne(seed);
      if (said !== undefined) wrong.push(said);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const causes = faults.map(
    ([message, fields]) =>
      `${message} ${fields?.err instanceof Error ? (fields.err.cause instanceof Error ? fields.err.cause.stack : fields.err.stack) : ''}`,
  );
  expect({ wrong, causes }).toEqual({ wrong: [], causes: [] });
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect('polluted' in {}).toBe(false);
  expect(usedMib() - beforeMib).toBeLessThan(MOST_MIB);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([...REACHED]));
  await api.client.create(configMaps, { metadata: { name: 'after-all', namespace: 'default' } });
  expect((await api.client.list(configMaps)).items.map((item) => item.metadata.name)).toContain('after-all');
}, 600_000);
