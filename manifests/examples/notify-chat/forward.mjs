/**
 * Forwards the notices of Countersign to the incoming webhook of a chat: Slack and all that take `{"text": "…"}` as it does.
 *
 * KEY_FILE: the key of `secretFile`. CHAT_URL_FILE: a file with the address that the chat gives, which is a secret.
 * TLS_CERT_FILE and TLS_KEY_FILE: its certificate; without them it listens on 127.0.0.1 alone. PORT: 8080 without it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

const { KEY_FILE = '', CHAT_URL_FILE = '', TLS_CERT_FILE, TLS_KEY_FILE = '', PORT = '8080' } = process.env;
const WINDOW_SECONDS = 300;
const MAX_BYTES = 65_536;
const REMEMBERED = 1000;

/** Whether Countersign has sent this body, within the last five minutes. */
function isSigned(header, body, key, nowSeconds) {
  const [, seconds, hex] = /^t=(\d{1,15}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (hex === undefined || Math.abs(nowSeconds - Number(seconds)) > WINDOW_SECONDS) return false;
  const expected = createHmac('sha256', key).update(`${seconds}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(hex, 'hex'));
}

/** What people wrote is text for the chat too: `<!channel>` calls nobody. */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Notices that the chat has; the same one may come twice. */
const done = new Set();

async function forward({ id, event, text }) {
  if (done.has(id)) return { status: 200 };
  const answer = await fetch(readFileSync(CHAT_URL_FILE, 'utf8').trim(), {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: `*${escaped(event)}*: ${escaped(text)}` }),
    signal: AbortSignal.timeout(5000),
  });
  await answer.body?.cancel();
  if (answer.ok) {
    done.add(id);
    if (done.size > REMEMBERED) done.delete(done.values().next().value);
    return { status: 204 };
  }
  // Countersign comes again, as late as the chat wants it.
  const retryAfter = answer.headers.get('retry-after');
  return { status: 503, headers: retryAfter === null ? {} : { 'retry-after': retryAfter } };
}

async function answerTo(request) {
  const body = await bodyOf(request);
  if (request.method !== 'POST' || body === undefined) return { status: 400 };
  const header = request.headers['countersign-signature'];
  if (!isSigned(header, body, readFileSync(KEY_FILE), Date.now() / 1000)) return { status: 401 };
  return forward(JSON.parse(body.toString('utf8')));
}

async function receive(request, response) {
  const { status, headers = {} } = await answerTo(request).catch(() => ({ status: 503 }));
  response.writeHead(status, headers).end();
}

const server =
  TLS_CERT_FILE === undefined
    ? createServer(receive)
    : createTlsServer({ cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE) }, receive);
server.listen(Number(PORT), TLS_CERT_FILE === undefined ? '127.0.0.1' : undefined, () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
process.on('SIGTERM', () => server.close());
