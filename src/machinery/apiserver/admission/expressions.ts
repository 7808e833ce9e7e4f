import { fail, ok, type Result } from '#kit/errors.ts';
import type { Declarations } from '../cel/check/checker.ts';
import { BOOL, DYN, listType, mapType, objectType, STRING, type Type } from '../cel/check/types.ts';
import { compileExpression, type Expression, MAX_EVALUATION_COST, typeTextOf, yields } from '../cel/expression.ts';
import { type AccessJudge, AuthorizerValue, ResourceCheck } from '../cel/functions/authorization.ts';
import { typeNamed } from '../cel/functions/declare.ts';
import { LIBRARY } from '../cel/functions/library.ts';
import type { CelValue } from '../cel/values/value.ts';
import { toCel } from '../custom/rules/cel-value.ts';
import type { Authorizer } from '../access/authorization.ts';
import type { UserInfo } from '../access/user.ts';
import type { AdmissionRequest } from './admission.ts';

/** Most that the expressions of one policy may cost together (apiserver `RuntimeCELCostBudget`). */
const POLICY_BUDGET = 10_000_000;

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

/** What expressions of policies may name; `variables` are those of the policy that stand before it. */
export function policyDeclarations(hasParams: boolean, variables: ReadonlyMap<string, Type>): Declarations {
  const all = new Map([
    ...CONDITION_VARIABLES,
    ['namespaceObject', NAMESPACE],
    ['variables', objectType('kubernetes.variables', variables)],
  ]);
  return { library: LIBRARY, variables: hasParams ? all.set('params', DYN) : all };
}

const WANTED: Readonly<Record<string, Type>> = { bool: BOOL, string: STRING };

/** Compiles an expression that yields `wanted` (`dyn` = anything). The error says what is wrong with it. */
export function compileWanted(text: string, wanted: 'bool' | 'string' | 'dyn', declarations: Declarations): Result<Expression> {
  if (text.trim() === '') return fail('must not be empty');
  const compiled = compileExpression(text, declarations);
  if (!compiled.ok) return fail(`compilation failed: ${compiled.error}`);
  const type = WANTED[wanted];
  // why dyn too: what an object's field is, only the object can tell
  if (type === undefined || yields(compiled.value, type) || yields(compiled.value, DYN)) return ok(compiled.value);
  return fail(`must evaluate to a ${wanted}, but evaluates to ${typeTextOf(compiled.value)}`);
}

/** What expressions about a write see, and what they may still cost. */
export class Subject {
  readonly #values: ReadonlyMap<string, CelValue>;
  #remaining = POLICY_BUDGET;

  constructor(values: ReadonlyMap<string, CelValue>) {
    this.#values = values;
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
    return isTooCostly ? fail('it would cost too much to evaluate') : result;
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
