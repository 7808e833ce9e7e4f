/**
 * Expands `$(NAME)` from `values`; unknown names stay as they are and `$$` is a dollar sign
 * (k8s.io/kubernetes third_party/forked/golang/expansion). Pure.
 */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(?:\$|\(([^()]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return values.get(name) ?? whole;
  });
}

/** The first name that `text` asks for and `values` does not have. Pure. */
export function missingIn(text: string, values: ReadonlyMap<string, string>): string | undefined {
  const asked = [...text.matchAll(/\$(?:\$|\(([^()]*)\))/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  return asked.find((name) => !values.has(name));
}
