import { Signature } from "@hubspot/api-client";

// HubSpot signs the address, too: the one by which it knows the service.
const version = { method: "POST", signatureVersion: "v3" };

export async function sign(clientSecret, requestBody, url) {
  const timestamp = Date.now();
  const options = { clientSecret, requestBody, url, timestamp };
  const signature = Signature.getSignature(version.method, version.signatureVersion, options);
  return {
    headers: {
      "x-hubspot-request-timestamp": String(timestamp),
      "x-hubspot-signature-v3": signature,
    },
  };
}

export async function verify(clientSecret, { url, headers, body: requestBody }) {
  const timestamp = Number(headers["x-hubspot-request-timestamp"]);
  const signature = headers["x-hubspot-signature-v3"];
  if (!Signature.isValid({ ...version, clientSecret, requestBody, url, timestamp, signature })) {
    throw new Error("the signature does not match");
  }
}
