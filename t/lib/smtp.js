// A real SMTP server (npm's smtp-server) for tests.
//
//     node smtp.js LOG [KEY CERTIFICATE]
//
// Prints its port; appends to LOG a line of JSON for each message: { user,
// from, to, secure, data }.  With KEY it speaks implicit TLS and wants AUTH
// as cost with the password "secret word".  Receivers whose names begin with
// "r" and a number are refused with it: r550@example.org; with "m", the
// message is.

const fs = require('fs');
const { SMTPServer } = require('smtp-server');

const [log, key, certificate] = process.argv.slice(2);

function refusal(address, letter) {
    const match = new RegExp('^' + letter + '(\\d{3})@').exec(address);

    return match && Object.assign(new Error('refused ' + address),
                                  { responseCode: Number(match[1]) });
}

const server = new SMTPServer({
    ...(key ? { secure: true, key: fs.readFileSync(key),
                cert: fs.readFileSync(certificate) }
            : { authOptional: true, disabledCommands: ['STARTTLS'] }),
    authMethods: ['PLAIN'],
    logger: false,

    onAuth(auth, session, callback) {
        callback(auth.username === 'cost' && auth.password === 'secret word'
                 ? null : new Error('no such user'),
                 { user: auth.username });
    },

    onRcptTo(address, session, callback) {
        callback(refusal(address.address, 'r'));
    },

    onData(stream, session, callback) {
        const chunks = [];

        stream.on('data', chunk => chunks.push(chunk));
        stream.on('end', () => {
            const to = session.envelope.rcptTo.map(r => r.address);
            const error = refusal(to[0], 'm');

            if (!error) {
                fs.appendFileSync(log, JSON.stringify({
                    user: session.user, to, secure: session.secure,
                    from: session.envelope.mailFrom.address,
                    data: Buffer.concat(chunks).toString('latin1'),
                }) + '\n');
            }

            callback(error);
        });
    },
});

server.on('error', () => {});
server.listen(0, '127.0.0.1', () => {
    console.log(server.server.address().port);
});
process.on('SIGTERM', () => process.exit(0));
