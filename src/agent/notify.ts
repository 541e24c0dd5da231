/** Tells a program in the pod that its files have been swapped. The call carries nothing but itself. */
import http from 'node:http';

const deadlineMilliseconds = 2_000;
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Is it `http://` to the pod's own loopback, and no more than a place to call? */
export function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:' || url.username !== '' || url.password !== '') return false;
  return loopback.test(url.hostname);
}

/** POST without a body. The status of the answer, which is not read; fails when there is none in time. */
export function callLoopback(url: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method: 'POST',
      headers: { 'content-length': '0', 'user-agent': 'countersign' },
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]),
    });
    request.on('error', reject);
    request.once('response', (response) => {
      response.on('error', () => undefined);
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    request.end();
  });
}
