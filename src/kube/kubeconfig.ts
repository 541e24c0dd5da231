/** The one thing taken of the client library, by name, so that the bundle leaves out its 3 MB of generated API classes. */
export { KubeConfig } from '@kubernetes/client-node';
