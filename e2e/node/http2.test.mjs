// HTTP/2 without TLS, which Amazon's SDK uses for plain http endpoints: Node's own client, used as in
// @smithy/node-http-handler's NodeHttp2Handler.

import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { payer } from './setup.mjs';

const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';

function send(session, token, method) {
  const url = encodeURIComponent(`https://bedrock-runtime.us-east-1.amazonaws.com/model/${model}/${method}`);
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST', ':path': `/v1/forward?u=${url}`,
      authorization: `Bearer ${token}`, 'content-type': 'application/json',
    });
    const chunks = [];
    let status;
    stream.on('response', (headers) => { status = headers[':status']; });
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => resolve({ status, body: Buffer.concat(chunks) }));
    stream.on('error', reject);
    stream.end(JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] }));
  });
}

test('calls and streams over HTTP/2 without TLS', async () => {
  const { token } = await payer();
  const session = connect(process.env.LAVAMOCK_ORIGIN);
  try {
    const whole = await send(session, token, 'converse');
    assert.equal(whole.status, 200, whole.body.toString());
    assert.ok(JSON.parse(whole.body).output.message.content[0].text);
    const streams = await Promise.all(Array.from({ length: 5 }, () => send(session, token, 'converse-stream')));
    for (const { status, body } of streams) {
      assert.equal(status, 200);
      assert.ok(body.includes('messageStop') && body.includes('metadata'), 'the stream is whole');
    }
  } finally {
    session.close();
  }
});
