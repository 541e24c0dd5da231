/** Verbs that requests carry by themselves; any other verb is asked explicitly, with the namespace the asker chooses. */
export const REQUEST_VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
];

/**
 * Requests on one Namespace object are authorized in the namespace of that name
 * (apiserver/pkg/endpoints/request/requestinfo.go). A watch names it by a field selector, where the request has no
 * namespace, and so does a list.
 */
export const NAMESPACE_OBJECT_VERBS: readonly string[] = ['get', 'update', 'patch', 'delete'];
export const NAMESPACE_OBJECTS: readonly string[] = [
  'namespaces',
  'namespaces/status',
  'namespaces/finalize',
];
