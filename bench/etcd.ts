import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { ensureEtcd } from '#testing/clients/etcd.ts';
import { freePort } from '#testing/free-port.ts';

/** `PutRequest{bytes key = 1; bytes value = 2}` of etcd's `rpc.proto`: tag bytes are `field << 3 | 2`. */
const KEY_TAG = 10;
const VALUE_TAG = 18;
const PUT = '/etcdserverpb.KV/Put';
/** How long etcd may take to elect itself. */
const READY_WITHIN_MS = 20_000;

/** Calls wait for the connection rather than fail while etcd starts. */
const WAITING = new Metadata({ waitForReady: true });

interface Pair {
  readonly key: string;
  readonly value: Buffer;
}

/** One member of etcd on a directory of its own, on the disk where the store's directories are: the peer of the store's figures. */
export class EtcdPeer {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #client: Client;

  private constructor(child: ChildProcess, directory: string, client: Client) {
    this.#child = child;
    this.#directory = directory;
    this.#client = client;
  }

  /** Starts it; undefined where it can't be had (no Debian packages). */
  static async start(): Promise<EtcdPeer | undefined> {
    let program: string;
    try {
      program = await ensureEtcd();
    } catch (thrown) {
      console.log(`figures without their ratio to etcd, which can not be had here: ${String(thrown)}`);
      return undefined;
    }
    const directory = mkdtempSync(path.join(tmpdir(), 'stowage-bench-etcd-'));
    const [clients, peers] = [await freePort(), await freePort()];
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`];
    const flags = Object.entries({
      name: 'bench',
      'data-dir': directory,
      'log-level': 'fatal',
      'quota-backend-bytes': 8 * 1024 ** 3,
      'listen-client-urls': clientUrl,
      'advertise-client-urls': clientUrl,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `bench=${peerUrl}`,
    }).map(([flag, value]) => `--${flag}=${value}`);
    const child = spawn(program, flags, { stdio: 'ignore' });
    const peer = new EtcdPeer(child, directory, new Client(`127.0.0.1:${clients}`, credentials.createInsecure()));
    await peer.#put({ key: 'ready', value: Buffer.from('x') });
    return peer;
  }

  /** Durable writes a second of `count` values of `bytes` bytes, `writers` at a time. */
  async putsPerSec({
    count,
    writers,
    bytes,
  }: {
    readonly count: number;
    readonly writers: number;
    readonly bytes: number;
  }): Promise<number> {
    const value = Buffer.alloc(bytes, 'x');
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < count) {
        next += 1;
        await this.#put({ key: `/registry/persistentvolumeclaims/team-${next % 50}/claim-${writers}-${next}`, value });
      }
    };
    const startMs = performance.now();
    await Promise.all(Array.from({ length: writers }, work));
    return (count / (performance.now() - startMs)) * 1_000;
  }

  /** Ends it and removes its directory. */
  async stop(): Promise<void> {
    this.#client.close();
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #put(pair: Pair): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(PUT, encodePut, ignoreAnswer, pair, WAITING, { deadline }, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }
}

function encodePut({ key, value }: Pair): Buffer {
  return Buffer.from(protobuf.Writer.create().uint32(KEY_TAG).string(key).uint32(VALUE_TAG).bytes(value).finish());
}

function ignoreAnswer(): true {
  return true;
}
