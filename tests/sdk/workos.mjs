import { WorkOS } from "@workos-inc/node";

const { webhooks } = new WorkOS("sk_test_only");

// Both directions take the event and not its bytes: WorkOS sends JSON without blanks.
export async function sign(secret, body) {
  const event = JSON.parse(body);
  const now = Date.now();
  const signature = await webhooks.computeSignature(now, event, secret);
  return {
    headers: { "workos-signature": `t=${now}, v1=${signature}` },
    body: JSON.stringify(event),
  };
}

export async function verify(secret, { headers, body }) {
  const sigHeader = headers["workos-signature"];
  await webhooks.constructEvent({ payload: JSON.parse(body), sigHeader, secret });
}
