import type { Pod, ServiceAccountTokenProjection } from '#api/generated/kubernetes.ts';
import type { PodToken, PodTokenSource } from '#api/pod-tokens.ts';
import type { Clock } from '#kit/clock.ts';

/** A new token is asked for when this much of the old one's life is over (kubelet token manager: 80 %). */
const SPENT_SHARE = 0.8;
/** Nor is one kept longer than this (kubelet token manager: 24 h). */
const MAX_AGE_MS = 24 * 3_600_000;
/** Life of a token that names none (core/v1 defaults.go). */
const DEFAULT_SEC = 3_600;

/** For whom a token is to be good, and how long. */
type AskedPodToken = Pick<ServiceAccountTokenProjection, 'audience' | 'expirationSeconds'>;

interface Kept extends PodToken {
  readonly renewAtMs: number;
}

/** The tokens of the pods on this node: asked for once, and again in time. */
export class PodTokens {
  readonly #source: PodTokenSource;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor(source: PodTokenSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The token for a projection of `pod`, fresh enough to be used. @throws ApiError */
  async tokenFor(pod: Pod, projection: ServiceAccountTokenProjection): Promise<string> {
    return (await this.freshFor(pod, projection)).token;
  }

  /** The same with the end of its life. @throws ApiError */
  async freshFor(pod: Pod, { audience = '', expirationSeconds = DEFAULT_SEC }: AskedPodToken): Promise<PodToken> {
    const { uid } = pod.metadata;
    const key = JSON.stringify([audience, expirationSeconds]);
    const known = this.#kept.get(uid)?.get(key);
    const nowMs = this.#clock.nowMs();
    if (known !== undefined && nowMs < known.renewAtMs) return known;
    const issued = await this.#source.issue({ pod, audience, expiresInSec: expirationSeconds });
    const renewAtMs = nowMs + Math.min((issued.expiresAtMs - nowMs) * SPENT_SHARE, MAX_AGE_MS);
    const ofPod = this.#kept.get(uid) ?? new Map<string, Kept>();
    ofPod.set(key, { ...issued, renewAtMs });
    this.#kept.set(uid, ofPod);
    return issued;
  }

  /** The pod is gone. */
  forget(uid: string): void {
    this.#kept.delete(uid);
  }
}
