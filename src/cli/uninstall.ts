import { createKubeClient, type KubeClient } from '../kube/client.ts';
import { loadKubeAccess } from '../kube/config.ts';
import { refusalOf } from '../kube/refusal.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import type { AddCommand } from './program.ts';

interface UninstallOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

const HELP = `
Deletes the MutatingWebhookConfiguration and the ValidatingWebhookConfiguration countersign, so that the
API server calls Countersign no more; nothing else. The chart runs it before it is removed. From a laptop it
is the way out of a cluster that waits for a Countersign that does not answer.

Example:
  countersign uninstall --context production`;

/** Takes the registrations away, before that which they call. */
export const uninstallCommand: AddCommand = (program, host, done) => {
  program
    .command('uninstall')
    .description('delete the webhook registrations, and nothing else')
    .option('--kubeconfig <FILE>', 'kubeconfig file (default: as kubectl; in a pod its service account)')
    .option('--context <NAME>', 'its context')
    .addHelpText('after', HELP)
    .action(async (options: UninstallOptions) => {
      done(await unregister(createKubeClient(await loadKubeAccess(options)), host));
    });
};

const REGISTRATIONS = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map(
  (resource) => `/apis/admissionregistration.k8s.io/v1/${resource}/countersign`,
);

/** One that is gone already is as wanted. Fails where the API server can't be reached or refuses. */
async function unregister(client: KubeClient, host: CliHost): Promise<ExitCode> {
  for (const path of REGISTRATIONS) {
    const found = await client.delete(path).then(
      () => true,
      (error: unknown) => {
        if (refusalOf(error)?.code === 404) return false;
        throw error;
      },
    );
    host.out(`${path.split('/').slice(-2).join('/')}: ${found ? 'deleted' : 'not there'}`);
  }
  return EXIT.ok;
}
