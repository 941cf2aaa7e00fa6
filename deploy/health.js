// The health check of the container image: ends with 0 when the address answers with success within 3 seconds.
const { get } = require('node:http');

const address = process.argv[2];

const request = get(address, { timeout: 3_000 }, (response) => {
  response.resume();
  process.exitCode = response.statusCode >= 200 && response.statusCode < 300 ? 0 : 1;
});
request.on('timeout', () => request.destroy(new Error('no answer in 3 seconds')));
request.on('error', (error) => {
  console.error(`${address}: ${error.message}`);
  process.exitCode = 1;
});
