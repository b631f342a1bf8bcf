// A real S3 server for tests: npm's s3rver, behind npm's aws4, which signs
// each request that has a signature again and compares (s3rver itself takes
// any signature of version 4).
//
//     node s3.js DIRECTORY BUCKET...
//
// Prints its port.  Everybody may put and get without a signature; a request
// with one must be signed by S3RVER with the secret "S3RVER", or by SESSION
// with that secret and its session's token.

const crypto = require('crypto');
const http = require('http');
const aws4 = require('aws4');
const S3rver = require('s3rver');

// its tokens of pages are enciphered by DES, which OpenSSL 3 has no more

for (const name of ['createCipheriv', 'createDecipheriv']) {
    const real = crypto[name];

    crypto[name] = (algorithm, key, iv) => algorithm === 'des'
        ? real('aes-128-cbc', Buffer.concat([key, key]),
               Buffer.concat([iv, iv]))
        : real(algorithm, key, iv);
}

const [directory, ...buckets] = process.argv.slice(2);

const s3 = new S3rver({
    silent: true, directory,
    configureBuckets: buckets.map((name) => ({ name })),
});

const session = 'IQoJb3JpZ2luX2VjE//////////wEaCXVzLWVhc3QtMSJ+/=='.repeat(20);

function refusal(request) {
    const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
        .exec(request.headers.authorization);

    if (!match) {
        return 'AuthorizationHeaderMalformed';
    }

    const [, key, region, names, signature] = match;
    const headers = {};

    if (key !== 'S3RVER' && key !== 'SESSION') {
        return 'InvalidAccessKeyId';
    }

    if (key === 'SESSION'
        && request.headers['x-amz-security-token'] !== session) {
        return 'InvalidToken';
    }

    // aws4 itself puts the token among what is signed

    for (const name of names.split(';')) {
        if (name !== 'x-amz-security-token') {
            headers[name] = request.headers[name];
        }
    }

    if (!headers.host || !headers['x-amz-date']
        || Math.abs(Date.now() - Date.parse(headers['x-amz-date'].replace(
               /^(....)(..)(..T..)(..)(..)Z$/, '$1-$2-$3:$4:$5Z'))) > 900000) {
        return 'RequestTimeTooSkewed';
    }

    const again = aws4.sign({
        service: 's3', region, method: request.method, path: request.url,
        headers, host: headers.host,
    }, {
        accessKeyId: key, secretAccessKey: 'S3RVER',
        sessionToken: key === 'SESSION' ? session : undefined,
    });

    return again.headers.Authorization.endsWith('Signature=' + signature)
           ? null : 'SignatureDoesNotMatch';
}

const handler = s3.callback();

const server = http.createServer((request, response) => {
    const code = request.headers.authorization && refusal(request);

    if (code) {
        request.resume();
        response.writeHead(403, { 'Content-Type': 'application/xml' });
        response.end('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>'
                     + code + '</Code><Message>No.</Message></Error>');
        return;
    }

    delete request.headers.authorization;
    delete request.headers['x-amz-security-token'];
    handler(request, response);
});

s3.configureBuckets().then(() => server.listen(0, '127.0.0.1', () => {
    console.log(server.address().port);
}));
