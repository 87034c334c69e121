import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";

export async function sign(secret, body) {
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  return {
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now / 1000)),
      "webhook-signature": webhook(secret).sign(id, now, body),
    },
  };
}

export async function verify(secret, { headers, body }) {
  webhook(secret).verify(body, headers);
}

// Supabase writes a version before its secrets, and says to take it off for this library.
function webhook(secret) {
  return new Webhook(secret.replace("v1,whsec_", ""));
}
