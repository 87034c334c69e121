import Stripe from "stripe";

const { webhooks } = new Stripe("sk_test_only");

export async function sign(secret, payload) {
  return { headers: { "stripe-signature": webhooks.generateTestHeaderString({ payload, secret }) } };
}

export async function verify(secret, { headers, body }) {
  webhooks.constructEvent(body, headers["stripe-signature"], secret);
}
