import path from 'node:path';
import { isRecord } from '#kit/json.ts';
import { seededRoll } from '../../../fakes/weather.ts';
import { type Difference, differencesOf } from './difference.ts';
import { asNew, type ObjectDocument, placeOf, readDocuments } from './documents.ts';
import { withEachFieldChanged } from './each-field.ts';
import { knownAs, readKnown } from './known.ts';
import { randomSeries } from './random-asked.ts';
import { ALL_SEEDS } from './seeds.ts';
import { ask, type Asked, type Peer, startKubernetes, startStowage } from './servers.ts';

/** What is compared. */
export interface CompareOptions {
  /** Files and folders with objects; none = random requests. */
  readonly sources: readonly string[];
  readonly seconds: number;
  readonly seed: string | undefined;
  readonly print: (line: string) => void;
}

const MANIFESTS = path.join(import.meta.dirname, '..', '..', '..', 'manifests');
/** Custom resources can be made a moment after their definition. */
const SERVED_MS = 10_000;

/** Sends the same requests to a platform and to a real API server, and tells where they differ; answers the exit code. */
export async function compare(options: CompareOptions): Promise<number> {
  const peers = { stowage: await startStowage(), kubernetes: await startKubernetes(options.print) };
  const comparison = new Comparison(peers);
  try {
    if (options.sources.length > 0) await comparison.documents(readDocuments(options.sources));
    else {
      if (options.seed === undefined) await comparison.documents(eachFieldChanged());
      await comparison.random(options);
    }
    return comparison.tell(options.print);
  } finally {
    await Promise.all([peers.stowage.stop(), peers.kubernetes.stop()]);
  }
}

/** The well-formed objects with each field changed in turn: what a seed says nothing of. */
function eachFieldChanged(): readonly ObjectDocument[] {
  return ALL_SEEDS.flatMap((seed) => [...withEachFieldChanged(seed)])
    .filter((object) => object['kind'] !== 'CustomResourceDefinition' && placeOf(object) !== undefined)
    .map((object) => ({ source: 'seeds', object }));
}

interface Peers {
  readonly stowage: Peer;
  readonly kubernetes: Peer;
}

class Comparison {
  readonly #peers: Peers;
  readonly #found = new Map<string, { count: number; readonly first: Difference; readonly asked: Asked }>();
  #requests = 0;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  /** Each object made once, definitions first and for good, the others for a look only. */
  async documents(documents: readonly ObjectDocument[]): Promise<void> {
    const isDefinition = ({ object }: ObjectDocument): boolean => object['kind'] === 'CustomResourceDefinition';
    for (const document of documents.filter(isDefinition)) await this.#make(document, '');
    for (const document of documents.filter((one) => !isDefinition(one))) await this.#make(document, '?dryRun=All');
  }

  async random({ seconds, seed, print }: CompareOptions): Promise<void> {
    const start = seed === undefined ? Date.now() % 2 ** 31 : Number(seed);
    print(`seed ${start}`);
    const roll = seededRoll(start);
    const seeds = [...ALL_SEEDS.map((object) => ({ source: 'seeds', object })), ...readDocuments([MANIFESTS])];
    const endMs = Date.now() + seconds * 1_000;
    for (let round = 0; Date.now() < endMs; round += 1) {
      const document = seeds[roll(seeds.length)];
      const series = document === undefined ? undefined : randomSeries(roll, document, `judge-${round}`);
      for (const asked of series?.asked ?? []) await this.#compare(series?.kind ?? '', asked);
      if (round % 500 === 499) print(`${this.#requests} requests, ${this.#found.size} differences`);
    }
  }

  /** Prints what differs and is not known; 0 where nothing does. */
  tell(print: (line: string) => void): number {
    const known = readKnown();
    const news = [...this.#found].filter(([signature]) => knownAs(known, signature) === undefined).toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [signature, { count, first, asked }] of news) {
      print(`${signature}  (${count} times)`);
      print(`    ${asked.method} ${asked.path} ${asked.contentType ?? ''} ${(asked.body ?? '').slice(0, 1_500)}`);
      print(`    stowage:    ${first.stowage}`);
      print(`    kubernetes: ${first.kubernetes}`);
    }
    print(`${this.#requests} requests, ${news.length} differences, ${this.#found.size - news.length} known`);
    return news.length === 0 ? 0 : 1;
  }

  async #make({ object }: ObjectDocument, query: string): Promise<void> {
    const place = placeOf(object) ?? (await this.#servedPlace(object));
    if (place === undefined) return;
    const asked = { method: 'POST', path: `${place.collection}${query}`, body: JSON.stringify(asNew(object, place)) };
    await this.#compare(String(object['kind']), asked);
  }

  /** Where objects of a definition are made, as soon as the real server serves them. */
  async #servedPlace(object: Readonly<Record<string, unknown>>): ReturnType<typeof placeOfServed> {
    const endMs = Date.now() + SERVED_MS;
    for (;;) {
      const [one, other] = [await placeOfServed(this.#peers.stowage, object), await placeOfServed(this.#peers.kubernetes, object)];
      if ((one !== undefined && other !== undefined) || Date.now() > endMs) return other;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #compare(kind: string, asked: Asked): Promise<void> {
    const [ours, theirs] = await Promise.all([ask(this.#peers.stowage, asked), ask(this.#peers.kubernetes, asked)]);
    this.#requests += 1;
    const isQuery = asked.method === 'GET' || asked.method === 'DELETE';
    const differences = isQuery
      ? differencesOf(`${kind} ${asked.method}`, { ...ours, body: bodyOfRefusal(ours) }, { ...theirs, body: bodyOfRefusal(theirs) })
      : differencesOf(`${kind} ${asked.method} ${asked.contentType ?? ''}`.trim(), ours, theirs);
    for (const difference of differences) {
      const before = this.#found.get(difference.signature);
      if (before === undefined) this.#found.set(difference.signature, { count: 1, first: difference, asked });
      else before.count += 1;
    }
  }
}

function bodyOfRefusal({ status, body }: { readonly status: number; readonly body: unknown }): unknown {
  return status < 300 ? undefined : body;
}

async function placeOfServed(peer: Peer, { apiVersion, kind }: Readonly<Record<string, unknown>>) {
  const root = String(apiVersion).includes('/') ? `/apis/${String(apiVersion)}` : `/api/${String(apiVersion)}`;
  const { body } = await ask(peer, { method: 'GET', path: root });
  const resources = isRecord(body) && Array.isArray(body['resources']) ? body['resources'].filter(isRecord) : [];
  const found = resources.find((each) => each['kind'] === kind && !String(each['name']).includes('/'));
  if (found === undefined) return undefined;
  const isNamespaced = found['namespaced'] === true;
  return { collection: `${root}${isNamespaced ? '/namespaces/default' : ''}/${String(found['name'])}`, isNamespaced };
}
