/** What may differ between refusals under one id: the spec of a Denial has it of the first, the status of a later one. */
interface Recorded<S> {
  readonly spec: S;
  readonly status: { readonly lastRefusal?: Partial<S> | undefined };
}

/** The spec of a Denial, as it would be had it been made at the last refusal. */
export function lastRefused<S extends object>({ spec, status }: Recorded<S>): S {
  return { ...spec, ...status.lastRefusal };
}
