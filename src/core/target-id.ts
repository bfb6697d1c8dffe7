/** What a kind manages on a target has one name wherever it is told apart or asked for (`--only`): `<target>/<kind>`. */
export function targetId({ target, kind }: { readonly target: string; readonly kind: string }): string {
  return `${target}/${kind}`;
}
