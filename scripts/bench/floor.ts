import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

/** The yardstick: a handler that reads the uid of a review and allows it. Prints its port. */

const [certFile = '', keyFile = ''] = process.argv.slice(2);

const server = createServer(
  { cert: readFileSync(certFile), key: readFileSync(keyFile) },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review: { request: { uid: string } } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const answer = {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: review.request.uid, allowed: true },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  },
);
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : address);
});
