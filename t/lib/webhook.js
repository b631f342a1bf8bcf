// A receiver of webhooks as customers write it: the verifier that CloudK's
// document prints, in express, and the package standardwebhooks beside it.
//
//     node webhook.js LOG SECRET [SECRET...]
//
// Prints its port.  POST /webhook/N verifies with the N-th secret, and appends
// to LOG { path, cloudk, standard, event }.

const crypto = require('crypto');
const express = require('express');
const fs = require('fs');
const { Webhook } = require('standardwebhooks');

const [log, ...secrets] = process.argv.slice(2);


// as printed in the document, its types left out

function verifySignature(
  payload, // raw request body as string
  secret, // from dashboard
  signature // X-CloudK-Signature header
) {
  const expected = 'sha256=' + crypto
    .createHmac('sha256', secret)
    .update(payload)
    .digest('hex');
  return crypto.timingSafeEqual(
    Buffer.from(expected),
    Buffer.from(signature)
  );
}

// Express example
const app = express();

app.post('/webhook/:n', express.raw({ type: 'application/json' }),
         (req, res) => {
  const secret = secrets[Number(req.params.n)];
  const sig = req.headers['x-cloudk-signature'];
  let cloudk = false, standard = false;

  try {
    cloudk = verifySignature(req.body.toString(), secret, sig);
  } catch (e) {
    // timingSafeEqual wants the same length
  }

  try {
    new Webhook(secret).verify(req.body, req.headers);
    standard = true;
  } catch (e) {
    // no signature that fits
  }

  let event = null;

  if (cloudk) {
    event = JSON.parse(req.body.toString());
  }

  fs.appendFileSync(log, JSON.stringify({
    path: req.path, cloudk, standard, event: event && event.event,
    header: req.headers['x-cloudk-event'],
    agent: req.headers['user-agent'],
    timestamp: event && event.timestamp === req.headers['x-cloudk-timestamp'],
  }) + '\n');

  if (!cloudk) {
    return res.status(401).send('Invalid signature');
  }

  // handle event.event ...
  res.sendStatus(200);
});

const server = app.listen(0, '127.0.0.1', () => {
  console.log(server.address().port);
});
