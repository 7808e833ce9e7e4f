import { formatMinor, type LevelVersion } from '#api/pod-security/level.ts';
import { namespaces, pods } from '#api/resources.ts';
import { KUBERNETES_VERSION } from '#api/schema/definitions.ts';
import type { Counter, Metrics } from '#kit/metrics.ts';
import type { AdmissionRequest } from '../../contract/admission.ts';

/** What came out of holding a pod against a level. */
export interface Evaluation {
  readonly decision: 'allow' | 'deny';
  readonly mode: 'enforce' | 'audit' | 'warn';
  readonly of: LevelVersion;
}

const OWN_MINOR = Number(/^v?1\.(\d+)/.exec(KUBERNETES_VERSION)?.[1]);

/** The counters of the plugin, by the names that upstream gives them. */
export class PodSecurityMetrics {
  readonly #evaluations: Counter;
  readonly #errors: Counter;

  constructor(metrics: Metrics) {
    this.#evaluations = metrics.counter({
      name: 'pod_security_evaluations_total',
      help: 'Pods and templates that were held against a level of the Pod Security Standards.',
      labels: ['decision', 'policy_level', 'policy_version', 'mode', 'request_operation', 'resource', 'subresource'],
    });
    this.#errors = metrics.counter({
      name: 'pod_security_errors_total',
      help: 'Labels of namespaces that could not be read when a pod came; restricted was taken in their place.',
      labels: ['fatal', 'request_operation', 'resource', 'subresource'],
    });
  }

  evaluated(request: AdmissionRequest, { decision, mode, of }: Evaluation): void {
    this.#evaluations.increase([decision, of.level, versionOf(of), mode, ...labelsOf(request)]);
  }

  failed(request: AdmissionRequest): void {
    this.#errors.increase(['false', ...labelsOf(request)]);
  }
}

function versionOf({ level, minor }: LevelVersion): string {
  if (level === 'privileged' || minor === 'latest') return 'latest';
  return minor > OWN_MINOR ? 'future' : formatMinor(minor);
}

function labelsOf({ verb, kind: { resource }, subresource }: AdmissionRequest): readonly string[] {
  const what = resource === pods ? 'pod' : resource === namespaces ? 'namespace' : 'controller';
  return [verb, what, subresource];
}
