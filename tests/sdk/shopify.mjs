import "@shopify/shopify-api/adapters/node";
import { ApiVersion, LogSeverity, shopifyApi } from "@shopify/shopify-api";
import { createSHA256HMAC } from "@shopify/shopify-api/runtime";

export async function sign(secret, body) {
  return {
    headers: {
      "x-shopify-hmac-sha256": await createSHA256HMAC(secret, body),
      "x-shopify-topic": "orders/create",
    },
  };
}

export async function verify(secret, { body, ...rawRequest }) {
  const { webhooks } = shopifyApi({
    apiKey: "tests-only",
    apiSecretKey: secret,
    apiVersion: ApiVersion.July26,
    hostName: "app.example.com",
    isEmbeddedApp: true,
    // It logs to standard output.
    logger: { level: LogSeverity.Error },
  });
  const found = await webhooks.validate({ rawBody: body, rawRequest });
  if (!found.valid) {
    throw new Error(JSON.stringify(found));
  }
}
