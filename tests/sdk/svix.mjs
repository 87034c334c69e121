import { randomUUID } from "node:crypto";
import { Webhook } from "svix";

export async function sign(secret, body) {
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  return {
    headers: {
      "svix-id": id,
      "svix-timestamp": String(Math.floor(now / 1000)),
      "svix-signature": new Webhook(secret).sign(id, now, body),
    },
  };
}

export async function verify(secret, { headers, body }) {
  new Webhook(secret).verify(body, headers);
}
