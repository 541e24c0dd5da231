/** What each agent is told to do: log in by the jwt method, read a secret of the KV engine, write a file by template. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { FILES_PATH, STATE_PATH, TOKEN_PATH } from '../../src/core/inject/names.ts';
import { planInjection } from '../../src/core/inject/plan.ts';
import { parseInjection } from '../../src/core/inject/request.ts';
import { type JsonObject, listOf, objectOf, textOf, textsOf } from '../../src/core/json.ts';
import type { Image } from '../image/archive.ts';
import { productImage } from '../image/product.ts';

export type AgentName = 'countersign' | 'vault agent' | 'bao agent';

export interface VaultAddress {
  readonly address: string;
  /** PEM. */
  readonly ca: string;
}

export interface Program {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface AgentUnderTest {
  readonly name: AgentName;
  readonly image: Image;
  /** Logs in and writes the file. */
  readonly first: Program;
  /** Stays; `undefined`: the first one does. */
  readonly lasting: Program | undefined;
  /** Where the file `url` appears. */
  readonly filesPath: string;
  /** Folders that it needs, with the files that are there before it starts. */
  readonly folders: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const ROLE = 'shop';
export const SECRET = 'secret/data/shop/db';
/** Where it is written to, in `filesPath`. */
export const FILE = 'url';
/** Values of the KV engine are read again so often. */
export const REFRESH = '5m';

/** Image, command and configuration as the webhook writes them into a pod. */
export async function countersign(vault: VaultAddress, jwt: string): Promise<AgentUnderTest> {
  const reference = 'registry.example/countersign:1';
  const [first, lasting] = injectedContainers(vault, reference).map(programOf);
  if (first === undefined || lasting === undefined) throw new Error('expected two containers');
  return {
    name: 'countersign',
    image: { ...(await productImage(reference)), entrypoint: [] },
    first,
    lasting,
    filesPath: FILES_PATH,
    folders: { [TOKEN_PATH]: { token: jwt }, [STATE_PATH]: {}, [FILES_PATH]: {} },
  };
}

function injectedContainers({ address, ca }: VaultAddress, agentImage: string): readonly JsonObject[] {
  const annotations = {
    'countersign.dev/inject': 'true',
    'countersign.dev/credential.db': SECRET,
    'countersign.dev/refresh.db': REFRESH,
    [`countersign.dev/file.${FILE}`]: 'postgres://{db.username}:{db.password}@db/shop',
  };
  const { request, problems } = parseInjection(annotations);
  if (request === undefined) throw new Error(`no request: ${JSON.stringify(problems)}`);
  const outcome = planInjection({
    request,
    pod: { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } },
    namespace: 'shop',
    account: 'api',
    login: { role: ROLE, issuance: { kind: 'login' } },
    settings: {
      vaults: {
        default: {
          name: 'default',
          address,
          ca,
          authMount: 'jwt',
          authMethod: 'jwt',
          audience: 'vault',
          tokenExpirationSeconds: 3600,
          kvMounts: ['secret'],
        },
      },
      agentImage,
      agentRepositories: [],
      imagePullPolicy: 'IfNotPresent',
      env: { runtimeClasses: [] },
      resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '128Mi' } },
      runAsUser: 65_532,
      keys: [createSecretKey(randomBytes(32))],
    },
    nodes: () => [],
  });
  if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
  return outcome.plan.initContainers.containers;
}

function programOf(container: JsonObject): Program {
  const entries = listOf(container['env']).map(objectOf);
  return {
    command: [...textsOf(container['command']), ...textsOf(container['args'])],
    env: Object.fromEntries(entries.map(({ name, value }) => [textOf(name) ?? '', textOf(value) ?? ''])),
  };
}
