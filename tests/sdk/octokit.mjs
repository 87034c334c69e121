import * as webhooks from "@octokit/webhooks-methods";

export async function sign(secret, body) {
  const signature = await webhooks.sign(secret, body);
  return { headers: { "x-github-event": "star", "x-hub-signature-256": signature } };
}

export async function verify(secret, { headers, body }) {
  if (!(await webhooks.verify(secret, body, headers["x-hub-signature-256"]))) {
    throw new Error("the signature does not match");
  }
}
