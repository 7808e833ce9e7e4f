import type { Type } from '../check/types.ts';
import { type CelValue, OpaqueValue } from '../values/value.ts';
import { declare, type Overload, typeNamed } from './declare.ts';

/** What is asked of an authorizer, step by step. */
export interface AccessQuestion {
  readonly verb: string;
  /** Absent where a resource is meant. */
  readonly path?: string | undefined;
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Who may do what, for the user of the request or for an account. */
export interface AccessJudge {
  ask(question: AccessQuestion): { readonly isAllowed: boolean; readonly reason: string };
  /** The same for a service account. */
  forAccount(namespace: string, name: string): AccessJudge;
}

abstract class Check extends OpaqueValue {
  readonly judge: AccessJudge;
  readonly question: Omit<AccessQuestion, 'verb'>;

  constructor(judge: AccessJudge, question: Omit<AccessQuestion, 'verb'> = {}) {
    super();
    this.judge = judge;
    this.question = question;
  }

  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

/** The variable `authorizer`. */
export class AuthorizerValue extends Check {
  readonly type: Type = typeNamed('authorizer');
}

class PathCheck extends Check {
  readonly type: Type = typeNamed('pathcheck');
}

class GroupCheck extends Check {
  readonly type: Type = typeNamed('groupcheck');
}

/** A question about a resource that lacks only its verb; the variable `authorizer.requestResource` is one. */
export class ResourceCheck extends Check {
  readonly type: Type = typeNamed('resourcecheck');

  with(more: Omit<AccessQuestion, 'verb'>): ResourceCheck {
    return new ResourceCheck(this.judge, { ...this.question, ...more });
  }
}

class Decision extends OpaqueValue {
  readonly type: Type = typeNamed('decision');
  readonly isAllowed: boolean;
  readonly reason: string;

  constructor({ isAllowed, reason }: { readonly isAllowed: boolean; readonly reason: string }) {
    super();
    this.isAllowed = isAllowed;
    this.reason = reason;
  }

  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

const check = ({ judge, question }: Check, verb: string): CelValue => new Decision(judge.ask({ ...question, verb }));

/** apiserver pkg/cel/library/authz.go. */
export const AUTHORIZATION: readonly Overload[] = [
  declare(
    'authorizer.path(string) -> pathcheck',
    'authorizer_path',
    ({ judge }: AuthorizerValue, path: string) => new PathCheck(judge, { path }),
  ),
  declare(
    'authorizer.group(string) -> groupcheck',
    'authorizer_group',
    ({ judge }: AuthorizerValue, group: string) => new GroupCheck(judge, { group }),
  ),
  declare(
    'authorizer.serviceAccount(string, string) -> authorizer',
    'authorizer_serviceaccount',
    ({ judge }: AuthorizerValue, namespace: string, name: string) => new AuthorizerValue(judge.forAccount(namespace, name)),
  ),
  declare(
    'groupcheck.resource(string) -> resourcecheck',
    'groupcheck_resource',
    ({ judge, question }: GroupCheck, resource: string) => new ResourceCheck(judge, { ...question, resource }),
  ),
  declare('resourcecheck.subresource(string) -> resourcecheck', 'resourcecheck_subresource', (of: ResourceCheck, subresource: string) =>
    of.with({ subresource }),
  ),
  declare('resourcecheck.namespace(string) -> resourcecheck', 'resourcecheck_namespace', (of: ResourceCheck, namespace: string) =>
    of.with({ namespace }),
  ),
  declare('resourcecheck.name(string) -> resourcecheck', 'resourcecheck_name', (of: ResourceCheck, name: string) => of.with({ name })),
  declare('resourcecheck.fieldSelector(string) -> resourcecheck', 'authorizer_fieldselector', (of: ResourceCheck, fieldSelector: string) =>
    of.with({ fieldSelector }),
  ),
  // why kept out of the question: nothing here decides by labels
  declare('resourcecheck.labelSelector(string) -> resourcecheck', 'authorizer_labelselector', (of: ResourceCheck, _labelSelector: string) =>
    of.with({}),
  ),
  declare('pathcheck.check(string) -> decision', 'pathcheck_check', check),
  declare('resourcecheck.check(string) -> decision', 'resourcecheck_check', check),
  declare('decision.allowed() -> bool', 'decision_allowed', ({ isAllowed }: Decision) => isAllowed),
  declare('decision.reason() -> string', 'decision_reason', ({ reason }: Decision) => reason),
  declare('decision.errored() -> bool', 'decision_errored', () => false),
  declare('decision.error() -> string', 'decision_error', () => ''),
];
