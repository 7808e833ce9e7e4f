import { fail, ok, type Result } from '#kit/errors.ts';
import type { Declarations } from '../cel/check/checker.ts';
import { BOOL, DYN, formatType, listType, mapType, objectType, STRING, type Type } from '../cel/check/types.ts';
import { compileExpression, type Expression, MAX_EVALUATION_COST, typeTextOf, yields } from '../cel/expression.ts';
import { type AccessJudge, AuthorizerValue, ResourceCheck } from '../cel/functions/authorization.ts';
import { typeNamed } from '../cel/functions/declare.ts';
import { LIBRARY } from '../cel/functions/library.ts';
import { PATCH_LIBRARY } from '../cel/patches/patch-library.ts';
import { JSON_PATCH_TYPE, OBJECT_TYPE, patchMessage } from '../cel/patches/patch-types.ts';
import type { CelValue } from '../cel/values/value.ts';
import { toCel } from '../custom/rules/cel-value.ts';
import type { Authorizer } from '../contract/authorizer.ts';
import type { UserInfo } from '../contract/user.ts';
import type { AdmissionRequest } from '../contract/admission.ts';

/** Most that the expressions of one policy may cost together (apiserver `RuntimeCELCostBudget`). */
const POLICY_BUDGET = 10_000_000;
/** Most that the conditions of one policy or webhook may cost together (`RuntimeCELCostBudgetMatchConditions`). */
const CONDITIONS_BUDGET = 2_500_000;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

function fieldsOf(name: string, fields: Readonly<Record<string, Type>>): Type {
  return objectType(name, new Map(Object.entries(fields)));
}

const GROUP_VERSION_KIND = fieldsOf('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const GROUP_VERSION_RESOURCE = fieldsOf('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = fieldsOf('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: listType(STRING),
  extra: mapType(STRING, listType(STRING)),
});

/** The variable `request` (apiserver pkg/admission/plugin/cel/compile.go `BuildRequestType`). */
const REQUEST = fieldsOf('kubernetes.AdmissionRequest', {
  kind: GROUP_VERSION_KIND,
  resource: GROUP_VERSION_RESOURCE,
  subResource: STRING,
  requestKind: GROUP_VERSION_KIND,
  requestResource: GROUP_VERSION_RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});

const TEXTS = mapType(STRING, STRING);
/** The variable `namespaceObject` (`BuildNamespaceType`). */
const NAMESPACE = fieldsOf('kubernetes.Namespace', {
  metadata: fieldsOf('kubernetes.NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: TEXTS,
    annotations: TEXTS,
    UID: STRING,
    creationTimestamp: typeNamed('timestamp'),
    deletionGracePeriodSeconds: typeNamed('int'),
    deletionTimestamp: typeNamed('timestamp'),
    generation: typeNamed('int'),
    resourceVersion: STRING,
    finalizers: listType(STRING),
  }),
  spec: fieldsOf('kubernetes.NamespaceSpec', { finalizers: listType(STRING) }),
  status: fieldsOf('kubernetes.NamespaceStatus', { phase: STRING }),
});

const CONDITION_VARIABLES: ReadonlyMap<string, Type> = new Map([
  ['object', DYN],
  ['oldObject', DYN],
  ['request', REQUEST],
  ['authorizer', typeNamed('authorizer')],
  ['authorizer.requestResource', typeNamed('resourcecheck')],
]);

/** What conditions of webhooks may name. */
export const CONDITION_DECLARATIONS: Declarations = { library: LIBRARY, variables: CONDITION_VARIABLES };

/** What conditions of policies may name when they are defined. */
export function conditionDeclarations(hasParams: boolean): Declarations {
  const all = new Map([...CONDITION_VARIABLES, ['namespaceObject', NAMESPACE] as const]);
  return { library: LIBRARY, variables: hasParams ? all.set('params', DYN) : all };
}

/** What expressions of policies may name; `variables` are those of the policy that stand before it. */
export function policyDeclarations(hasParams: boolean, variables: ReadonlyMap<string, Type>): Declarations {
  const { library, variables: others } = conditionDeclarations(hasParams);
  return { library, variables: new Map([...others, ['variables', objectType('kubernetes.variables', variables)]]) };
}

/** What mutations may name beside what all expressions of a policy may: the types that they make objects of. */
export function mutationDeclarations(declarations: Declarations): Declarations {
  return { ...declarations, library: PATCH_LIBRARY, messages: patchMessage };
}

/** What each type of patch has to yield. */
const PATCHES = { ApplyConfiguration: OBJECT_TYPE, JSONPatch: listType(JSON_PATCH_TYPE) };

/** How a mutation says what it changes. */
export type PatchType = keyof typeof PATCHES;

/** Compiles a mutation, in upstream's words (apiserver pkg/admission/plugin/cel/compile.go). The error says what is wrong with it. */
export function compileMutation(text: string, patchType: PatchType, declarations: Declarations): Result<Expression> {
  const compiled = compileExpression(text.trim(), declarations);
  if (!compiled.ok) return fail(`compilation failed: ${compiled.error}`);
  const [wanted, found] = [formatType(PATCHES[patchType]), typeTextOf(compiled.value)];
  if (wanted !== found) return fail(`must evaluate to ${wanted} but got ${found}`);
  const [name] = compiled.value.checked.typeNames;
  return name === undefined ? compiled : fail(`program instantiation failed: reference to undefined type: ${name}`);
}

/** The same without what the asker may: messages do not depend on it. */
export function withoutAuthorizer({ library, variables }: Declarations): Declarations {
  return { library, variables: new Map([...variables].filter(([name]) => !name.startsWith('authorizer'))) };
}

const WANTED: Readonly<Record<string, Type>> = { bool: BOOL, string: STRING };

/** A type as messages about what an expression may yield name it. */
type TypeText = 'bool' | 'string' | 'null_type';

/** Compiles an expression that is just being defined: it has to yield one of `wanted`, and `dyn` is none of them. The error says what is wrong with it, in upstream's words. */
export function compileExactly(text: string, wanted: readonly TypeText[], declarations: Declarations): Result<Expression> {
  const compiled = compileExpression(text, declarations);
  if (!compiled.ok) return fail(`compilation failed: ${compiled.error}`);
  const { type } = compiled.value.checked;
  if (wanted.some((name) => name === type.name)) return compiled;
  const what = wanted.length === 1 ? wanted.join('') : `one of [${wanted.join(' ')}]`;
  return fail(`must evaluate to ${what} but got ${typeTextOf(compiled.value)}`);
}

/** Compiles a stored expression that yields `wanted` (`dyn` = anything). The error says what is wrong with it. */
export function compileWanted(text: string, wanted: 'bool' | 'string' | 'dyn', declarations: Declarations): Result<Expression> {
  if (text.trim() === '') return fail('must not be empty');
  const compiled = compileExpression(text, declarations);
  if (!compiled.ok) return fail(`compilation failed: ${compiled.error}`);
  const type = WANTED[wanted];
  // why dyn too: what was stored by an earlier version is obeyed as far as the object's field is what it should be
  if (type === undefined || yields(compiled.value, type) || yields(compiled.value, DYN)) return ok(compiled.value);
  return fail(`must evaluate to a ${wanted}, but evaluates to ${typeTextOf(compiled.value)}`);
}

/** What expressions about a write see, and what they may still cost. */
export class Subject {
  readonly #values: ReadonlyMap<string, CelValue>;
  #remaining: number;

  constructor(values: ReadonlyMap<string, CelValue>, budget = POLICY_BUDGET) {
    this.#values = values;
    this.#remaining = budget;
  }

  /** The same for conditions, which may cost less; costs are counted anew. */
  forConditions(): Subject {
    return new Subject(this.#values, CONDITIONS_BUDGET);
  }

  /** The same with one more; costs are counted anew. */
  with(name: string, value: CelValue): Subject {
    return new Subject(new Map([...this.#values, [name, value]]));
  }

  /** What an expression evaluates to, or why it can't be evaluated. */
  evaluate(expression: Result<Expression>): Result<CelValue> {
    if (!expression.ok) return expression;
    const { result, cost, isTooCostly } = expression.value.evaluate(this.#values, Math.min(MAX_EVALUATION_COST, this.#remaining));
    this.#remaining -= cost;
    // why: where one evaluation is too long by itself, its own words say so
    return isTooCostly && this.#remaining < 0 ? fail(OUT_OF_BUDGET) : result;
  }
}

/** What a write is about, in the version that somebody wants to see. */
export interface Reviewed {
  readonly object: unknown;
  readonly oldObject: unknown;
  /** The request of the review, without the objects. */
  readonly review: object;
}

/** What expressions about a write see, whoever asks. */
export function subjectOf(
  { object, oldObject, review }: Reviewed,
  judge?: { readonly request: AdmissionRequest; readonly authorizer: Authorizer },
): Subject {
  const values = new Map<string, CelValue>([
    ['object', toCel({}, object)],
    ['oldObject', toCel({}, oldObject)],
    ['request', toCel({}, review)],
  ]);
  if (judge === undefined) return new Subject(values);
  const { request, authorizer } = judge;
  const access = judgeFor(authorizer, request.user);
  const { group, plural: resource } = request.kind.resource;
  const { namespace, name } = request.key;
  values.set('authorizer', new AuthorizerValue(access));
  values.set(
    'authorizer.requestResource',
    new ResourceCheck(access, { group, resource, subresource: request.subresource, namespace, name }),
  );
  return new Subject(values);
}

function judgeFor(authorizer: Authorizer, user: UserInfo): AccessJudge {
  return {
    ask: ({ verb, path, group = '', resource = '', subresource = '', namespace = '', name = '', fieldSelector }) => {
      const { verdict, reason = '' } =
        path === undefined
          ? authorizer.authorize({
              type: 'resource',
              user,
              verb,
              resource: { group, version: '*', plural: resource },
              subresource,
              namespace,
              name,
              fieldSelector,
            })
          : authorizer.authorize({ type: 'path', user, verb, path });
      return { isAllowed: verdict === 'allow', reason };
    },
    forAccount: (namespace, name) =>
      judgeFor(authorizer, {
        name: `system:serviceaccount:${namespace}:${name}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      }),
  };
}
