import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { statusOf } from '../core/admission/response.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** The answer to what is not even HTTP, for which there is no request to reply to. The connection ends with it. */
export function answerClientError(code: string, socket: Socket, metrics: Metrics): void {
  const status = statusFor(code);
  if (status === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  metrics.malformed('http');
  socket.end(answer(status), () => socket.destroy());
}

/** `undefined`: the connection itself failed (TLS, a reset), so there is nobody to tell. */
function statusFor(code: string): number | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code.startsWith('HPE_') ? 400 : undefined;
}

function answer(status: number): string {
  const body = JSON.stringify(statusOf(status, 'the request cannot be read'));
  const head = [
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...head, '', body].join('\r\n');
}
