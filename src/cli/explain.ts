import { DECISION_ID } from '../core/explain/countersign.ts';
import { explain } from '../core/explain/explain.ts';
import { withCluster } from './cluster.ts';
import { type ExplainDecision, type ExplainDecisionOptions, explainDecision } from './explain-decision.ts';
import { tokensIn } from './explain-jwt.ts';
import { printExplanation } from './explain-report.ts';
import { textOf } from './explain-source.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import type { AddCommand } from './program.ts';
import { outputOption } from './stored.ts';

interface ExplainOptions extends ExplainDecisionOptions {
  readonly audience?: string;
  readonly issuer?: string;
}

const HELP = `
A TEXT is explained on this machine alone: nothing is sent anywhere, and no token in it is printed. It may be
a message of kubectl, an answer of kube-apiserver, Vault or OpenBao, a WWW-Authenticate header, a JWT, or
whatever else refused something. With an ID the cluster is asked, with the rights that you have there.
A token on a command line is kept in the history of the shell: give it by a file or by standard input.

Examples:
  kubectl get secrets 2>&1 | countersign explain -
  countersign explain refused.txt -o yaml
  countersign explain 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "shop"'
  countersign explain --audience vault - < /var/run/secrets/tokens/vault
  countersign explain d-7f3k2m4q -n shop

Exit codes: 0 explained, 1 not recognised, 2 usage or unreadable input`;

/** Says what a refusal means, what would mend it, and whom to ask. */
export const explainCommand: AddCommand = (program, host, done) => {
  const command = program
    .command('explain')
    .description('say what a refusal means: a decision of Countersign, or the text of any 401, 403 or 404')
    .argument('<ID|TEXT|FILE|->', 'a decision such as d-7f3k2m4q, a text, or a file; - reads standard input')
    .argument('[WORDS...]', 'more of the text, where it was not quoted')
    .addOption(outputOption(['text', 'json', 'yaml'], 'text'))
    .option('--audience <audience>', 'what the token should be for')
    .option('--issuer <issuer>', 'who the token should come from');
  withCluster(command)
    .addHelpText('after', HELP)
    .action(async (first: string, rest: readonly string[], options: ExplainOptions) =>
      done(await explainAny([first, ...rest], options, host, explainDecision(host))),
    );
};

export async function explainAny(
  words: readonly string[],
  options: ExplainOptions,
  host: CliHost,
  decided: ExplainDecision,
): Promise<ExitCode> {
  const [first = ''] = words;
  if (words.length === 1 && DECISION_ID.test(first)) return (await decided(first, options)) ?? EXIT.findings;
  const source = await textOf(words, host);
  if (source.kind === 'unreadable') {
    host.err(source.problem);
    return EXIT.usage;
  }
  const { text, cut } = source;
  if (text.trim() === '') {
    host.err(`nothing to explain${first === '-' ? ' on standard input' : ''}`);
    return EXIT.usage;
  }
  if (cut) host.err('only the first 256 KiB are read');
  const { audience, issuer, output } = options;
  const nowSeconds = Date.now() / 1000;
  const explanation = explain({ text, tokens: tokensIn(text), nowSeconds, audience, issuer });
  host.out(printExplanation(output, explanation, host.paint));
  return explanation.cause === 'Unknown' ? EXIT.findings : EXIT.ok;
}
