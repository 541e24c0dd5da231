/** `vault agent` and `bao agent`, which do the same. */
import { readFile } from 'node:fs/promises';
import { system, user } from '../image/product.ts';
import { type AgentUnderTest, FILE, REFRESH, ROLE, SECRET, type VaultAddress } from './agents.ts';

const CONFIG_PATH = '/config';
const OUTPUT_PATH = '/output';
const binaryMode = 0o755;

export async function peer(
  name: 'vault agent' | 'bao agent',
  binary: string,
  { address, ca }: VaultAddress,
  jwt: string,
): Promise<AgentUnderTest> {
  const program = name === 'vault agent' ? 'vault' : 'bao';
  const path = `bin/${program}`;
  return {
    name,
    image: {
      reference: `registry.example/${program}:1`,
      layers: [[...system, { kind: 'file', path, content: await readFile(binary), mode: binaryMode }]],
      user,
      entrypoint: [],
    },
    first: { command: [`/${path}`, 'agent', `-config=${CONFIG_PATH}/agent.hcl`], env: {} },
    lasting: undefined,
    filesPath: OUTPUT_PATH,
    folders: {
      [CONFIG_PATH]: { 'agent.hcl': configurationOf(address), 'ca.pem': ca, token: jwt },
      [OUTPUT_PATH]: {},
    },
  };
}

/** https://developer.hashicorp.com/vault/docs/agent-and-proxy/agent; OpenBao's agent reads the same. */
function configurationOf(address: string): string {
  return `vault {
  address = "${address}"
  ca_cert = "${CONFIG_PATH}/ca.pem"
}
auto_auth {
  method "jwt" {
    mount_path = "auth/jwt"
    config = {
      path                     = "${CONFIG_PATH}/token"
      role                     = "${ROLE}"
      remove_jwt_after_reading = false
    }
  }
}
template_config {
  static_secret_render_interval = "${REFRESH}"
}
template {
  destination = "${OUTPUT_PATH}/${FILE}"
  contents    = <<-EOT
    {{- with secret "${SECRET}" -}}
    postgres://{{ .Data.data.username }}:{{ .Data.data.password }}@db/shop
    {{- end -}}
  EOT
}
`;
}
