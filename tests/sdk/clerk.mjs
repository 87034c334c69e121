import { verifyWebhook } from "@clerk/backend/webhooks";

export async function verify(secret, { url, ...request }) {
  await verifyWebhook(new Request(url, request), { signingSecret: secret });
}
