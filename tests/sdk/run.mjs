// Has a provider's own library sign a body, or verify a request: `node run.mjs <library> sign|verify`.
// What it is about comes as JSON on standard input, and goes as JSON to standard output:
//
//   sign    {secret, url, body} -> {headers, body}
//   verify  {secret, method, url, headers, body} -> {refused}, which is null or why
//
// Each library has a module beside this one, with the functions of the directions that it offers.

import { text } from "node:stream/consumers";

const [library, direction] = process.argv.slice(2);
const { sign, verify } = await import(`./${library}.mjs`);
const { secret, ...request } = JSON.parse(await text(process.stdin));

const directions = {
  // Some write the body anew; most leave it alone.
  sign: async () => ({ body: request.body, ...(await sign(secret, request.body, request.url)) }),
  verify: () => verify(secret, request).then(() => ({ refused: null }), refused),
};

function refused(error) {
  return { refused: `${error.name}: ${error.message}` };
}

console.log(JSON.stringify(await directions[direction]()));
