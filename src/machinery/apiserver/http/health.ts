import { noSuchPath } from '../contract/status-error.ts';
import type { Exchange } from './messages.ts';
import { type Answer, textAnswer } from './respond.ts';

/** A path that probes ask: `livez` = start me again, `readyz` = send me nobody; `healthz` is the older name of `livez`. */
type Probe = 'livez' | 'readyz';

/** One thing that must be in order. */
interface HealthCheck {
  /** Asked for alone as `/livez/NAME`, left out by `?exclude=NAME`. */
  readonly name: string;
  readonly probes: readonly Probe[];
  /** True while it is in order; answers at once, from memory. */
  readonly isOk: () => boolean;
}

const ALWAYS: readonly HealthCheck[] = ['ping', 'log'].map((name) => ({ name, probes: ['livez', 'readyz'], isOk: () => true }));

/** The health of a server: its checks, answered as kube-apiserver does (apiserver/pkg/server/healthz). */
export class Health {
  readonly #checks: HealthCheck[] = [...ALWAYS];

  /** Asks for `check` too from now on. */
  add(check: HealthCheck): void {
    this.#checks.push(check);
  }

  /** Answers `/livez`, `/readyz`, `/healthz` and paths of single checks below. @throws ApiError 404 for a check that there is not */
  answer({ segments, query }: Pick<Exchange, 'segments' | 'query'>): Answer {
    const [root = '', name, ...more] = segments;
    const probe: Probe = root === 'readyz' ? 'readyz' : 'livez';
    const all = this.#checks.filter(({ probes }) => probes.includes(probe));
    if (name !== undefined) return answerOne(more.length > 0 ? undefined : all.find((check) => check.name === name));
    const excluded = new Set(query.getAll('exclude').flatMap((names) => names.split(',')));
    const findings = all.map((check) => ({ name: check.name, is: excluded.delete(check.name) ? 'excluded' : isOk(check) }) as const);
    const lines = findings.map((finding) => LINES[finding.is](finding.name));
    if (excluded.size > 0) {
      const names = [...excluded].map((unknown) => JSON.stringify(unknown)).join(',');
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
    }
    const hasFailed = findings.some(({ is }) => is === 'failed');
    if (!hasFailed && !query.has('verbose')) return textAnswer(200, 'ok');
    return textAnswer(hasFailed ? 500 : 200, `${lines.join('\n')}\n${root} check ${hasFailed ? 'failed' : 'passed'}\n`);
  }
}

// why no reason: anybody may ask, and the log has it
const LINES = {
  ok: (name: string) => `[+]${name} ok`,
  excluded: (name: string) => `[+]${name} excluded: ok`,
  failed: (name: string) => `[-]${name} failed: reason withheld`,
} as const;

function isOk(check: HealthCheck): 'ok' | 'failed' {
  return check.isOk() ? 'ok' : 'failed';
}

function answerOne(check: HealthCheck | undefined): Answer {
  if (check === undefined) throw noSuchPath();
  return check.isOk() ? textAnswer(200, 'ok') : textAnswer(500, `internal server error: ${check.name} failed: reason withheld\n`);
}
