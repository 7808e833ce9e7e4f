import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Ids } from '#kit/ids.ts';
import { deepEqual } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Authorizer } from '../../contract/authorizer.ts';
import type { KindRegistry } from '../../contract/registry.ts';
import { deniedByWebhook, webhookUnusable } from '../../contract/status-error.ts';
import type { AdmissionRequest, AdmissionWebhooks, MutableRequest, StoreView, MutationRound } from '../../contract/admission.ts';
import { readAnswer, type ReviewAnswer, reviewRequest } from './admission-review.ts';
import { subjectOf } from '../expressions.ts';
import { conditionsHold } from './match-conditions.ts';
import { patchedObject } from './patched-object.ts';
import { type WebhookCaller, WebhookFailed } from './webhook-caller.ts';
import type { WebhookIndex } from './webhook-index.ts';
import { convert, isExempt, operationOf, wantedKind } from './webhook-matching.ts';
import { targetOf } from './webhook-target.ts';
import type { Webhook } from './webhook.ts';

/** What {@link Webhooks} is made of. */
export interface WebhooksOptions {
  readonly index: WebhookIndex;
  readonly caller: WebhookCaller;
  readonly registry: KindRegistry;
  readonly view: StoreView;
  /** Asked by conditions that name `authorizer`. */
  readonly authorizer: Authorizer;
  readonly ids: Ids;
  readonly log: Logger;
}

/** Validating webhooks that are asked about one write at the same time. */
const AT_A_TIME = 32;

interface Call {
  readonly webhook: Webhook;
  readonly kind: KindDefinition;
  readonly request: AdmissionRequest;
}

/** A mutating webhook that was asked, and the object after it. */
interface Asked {
  readonly webhook: Webhook;
  readonly after: KubeObject;
}

/** Asks the webhooks of the stored configurations, as apiserver's pkg/admission/plugin/webhook does. */
export class Webhooks implements AdmissionWebhooks {
  readonly #options: WebhooksOptions;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  mutate(request: MutableRequest): Promise<MutationRound> | undefined {
    const { mutating } = this.#options.index;
    return mutating.length === 0 || isExempt(request) ? undefined : this.#mutate(request, mutating);
  }

  validate(request: AdmissionRequest): Promise<void> | undefined {
    const { mutating, validating } = this.#options.index;
    if (isExempt(request)) return undefined;
    if (request.verb === 'delete' && mutating.length > 0) return this.#validateUnchanged(request, mutating, validating);
    return validating.length === 0 ? undefined : this.#validate(request, validating);
  }

  /** Mutating webhooks may refuse a deletion, too; there is nothing to change. */
  async #validateUnchanged(request: AdmissionRequest, mutating: readonly Webhook[], validating: readonly Webhook[]): Promise<void> {
    for (const webhook of mutating) await this.#ask(webhook, request);
    await this.#validate(request, validating);
  }

  async #mutate(request: MutableRequest, webhooks: readonly Webhook[]): Promise<MutationRound> {
    const asked: Asked[] = [];
    const object = await this.#change(request, webhooks, asked);
    return {
      object,
      again: async (latest) => {
        const wanting = asked
          .filter(({ webhook, after }) => webhook.isReinvoked && !deepEqual(after, latest))
          .map(({ webhook }) => webhook);
        return this.#change({ ...request, object: latest }, wanting, []);
      },
    };
  }

  /** One webhook after the other, each on what those before it made. */
  async #change(request: MutableRequest, webhooks: readonly Webhook[], asked: Asked[]): Promise<KubeObject> {
    let { object } = request;
    for (const webhook of webhooks) {
      const current = { ...request, object };
      const answer = await this.#ask(webhook, current);
      if (answer === undefined) continue;
      object = await this.#patch(answer, { webhook, kind: answer.kind, request: current }, object);
      asked.push({ webhook, after: object });
    }
    return object;
  }

  async #patch({ patch }: ReviewAnswer, call: Call, object: KubeObject): Promise<KubeObject> {
    if (patch.length === 0) return object;
    try {
      return patchedObject(object, patch, call);
    } catch (thrown) {
      this.#fail(call.webhook, thrown);
      return object;
    }
  }

  async #validate(request: AdmissionRequest, webhooks: readonly Webhook[]): Promise<void> {
    for (let start = 0; start < webhooks.length; start += AT_A_TIME) {
      const outcomes = await Promise.allSettled(webhooks.slice(start, start + AT_A_TIME).map((webhook) => this.#ask(webhook, request)));
      // why settled: the first in order decides what the client is told, and none is left running
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    }
  }

  /** The answer of a webhook that lets the write pass; undefined where it was not asked, or may fail. @throws ApiError */
  async #ask(webhook: Webhook, request: AdmissionRequest): Promise<(ReviewAnswer & { readonly kind: KindDefinition }) | undefined> {
    const kind = wantedKind(webhook, request, this.#options);
    if (kind === undefined) return undefined;
    let answer: ReviewAnswer | undefined;
    try {
      answer = await this.#call({ webhook, kind, request });
    } catch (thrown) {
      this.#fail(webhook, thrown);
    }
    if (answer === undefined) return undefined;
    for (const text of answer.warnings) request.warn(text);
    for (const [key, value] of Object.entries(answer.annotations)) request.annotations.set(`${webhook.name}/${key}`, value);
    if (!answer.allowed) throw deniedByWebhook(webhook.name, answer.status);
    return { ...answer, kind };
  }

  /** Undefined where its conditions do not hold. @throws WebhookFailed and what conditions throw */
  async #call({ webhook, kind, request }: Call): Promise<ReviewAnswer | undefined> {
    const { ids, view, caller } = this.#options;
    const inVersion = (object: KubeObject | undefined): KubeObject | undefined =>
      object === undefined || request.sent !== undefined ? object : convert(object, request.kind, kind);
    const subject = {
      operation: operationOf(request),
      resource: kind.resource,
      object: inVersion(request.object),
      oldObject: inVersion(request.previous),
    };
    const asked = reviewRequest(request, subject, ids.uid());
    const { object, oldObject } = subject;
    const about = { object, oldObject, review: asked };
    const judge = { request, authorizer: this.#options.authorizer };
    if (webhook.conditions.length > 0 && !conditionsHold(webhook.conditions, subjectOf(about, judge))) return undefined;
    const apiVersion = `admission.k8s.io/${webhook.reviewVersion}`;
    const review = { kind: 'AdmissionReview', apiVersion, request: { ...asked, object: object ?? null, oldObject: oldObject ?? null } };
    const target = targetOf(webhook.client, webhook.timeoutSec, view);
    try {
      const body = await caller.post(target, JSON.stringify(review), webhook.timeoutSec * 1000);
      const answer = readAnswer(body, { uid: asked.uid, apiVersion });
      if (!answer.ok) throw new WebhookFailed(`received invalid webhook response: ${answer.error}`);
      return answer.value;
    } catch (thrown) {
      throw new WebhookFailed(`failed to call webhook: Post ${JSON.stringify(target.url)}: ${PlatformError.from(thrown).message}`, thrown);
    }
  }

  /** @throws ApiError where the webhook must not fail */
  #fail(webhook: Webhook, thrown: unknown): void {
    const { message } = PlatformError.from(thrown);
    const err = PlatformError.from(thrown);
    if (webhook.failure === 'Fail') throw webhookUnusable(webhook.name, message);
    this.#options.log.warn('a webhook failed and is passed over', { name: webhook.name, err });
  }
}
