/**
 * Auth0 Action, trigger "Post User Registration": reports a sign-up to leadhook, signed.
 *
 * Choose this one if your own sign-up form writes the click id into the user's metadata
 * (`user_metadata.dub_id`). Auth0 runs it for database and passwordless connections only, and
 * doesn't show it the parameters of /authorize; post-login.js has neither limit.
 *
 * Secrets: LEADHOOK_URL     https://<your host>/webhooks/auth0-action
 *          LEADHOOK_SECRET  `whsec_` and the output of `openssl rand -base64 32`; the same value as
 *                           AUTH0_WEBHOOK_SECRET of leadhook
 * Runtime: Node 18 or newer. Dependencies: none.
 */

// Users nobody referred are not reported. With `true` they are: leadhook then shows them as skipped.
// Leave it at `false` beside post-login.js: leadhook takes the first report of a user, which would
// be the one without the click id.
const REPORT_WITHOUT_CLICK_ID = false;

// Nobody waits for this Action, and Auth0 doesn't repeat it: it can afford a second try.
const PATIENCE = { timeoutMs: 5000, attempts: 2 };

exports.onExecutePostUserRegistration = async (event) => {
  try {
    const metadata = event.user.user_metadata || {};
    const clickId = text(metadata.dub_id) || undefined;
    if (!clickId && !REPORT_WITHOUT_CLICK_ID) return;
    await report(event, clickId, PATIENCE);
  } catch (error) {
    // The user exists already; what goes wrong here is for the Action's log only.
    console.log(`leadhook: not reported: ${reason(error)}`);
  }
};

// ---- From here on, both scripts are the same. ----

const crypto = require('crypto');

async function report(event, clickId, { timeoutMs, attempts }) {
  const { LEADHOOK_URL: url, LEADHOOK_SECRET: secret } = event.secrets;
  if (!url || !secret) {
    throw new Error('the secrets LEADHOOK_URL and LEADHOOK_SECRET are not set');
  }
  if (typeof fetch !== 'function') {
    throw new Error('fetch is missing: choose Node 18 or newer as the runtime of this Action');
  }
  const body = JSON.stringify(userCreated(event.user, clickId));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const status = await post(url, signed(secret, eventId(event.user), body), body, timeoutMs);
      // Another try helps only where the service was at fault.
      if (status < 500 || attempt >= attempts) return note(status);
    } catch (error) {
      if (attempt >= attempts) throw error;
    }
  }
}

// What leaves Auth0: no more than a lead needs. Add fields here if your mapping uses more.
function userCreated(user, clickId) {
  return {
    type: 'user.created',
    data: {
      user_id: user.user_id,
      email: user.email,
      name: user.name,
      given_name: user.given_name,
      family_name: user.family_name,
      nickname: user.nickname,
      picture: user.picture,
      created_at: user.created_at,
      user_metadata: { dub_id: clickId },
    },
  };
}

// One id for one user, whichever trigger reports first and however often: the service knows it
// again. Hashed, because user ids can hold characters that a header or the signature's form can't.
function eventId(user) {
  return `a0_${crypto.createHash('sha256').update(user.user_id).digest('hex')}`;
}

// The headers of Standard Webhooks: https://www.standardwebhooks.com
function signed(secret, id, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.trim().replace(/^whsec_/, ''), 'base64');
  const signature = crypto
    .createHmac('sha256', key)
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

// A redirect is an error: it would turn the POST into a GET, and the user's data would travel on.
async function post(url, headers, body, timeoutMs) {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
  if (response.body) await response.body.cancel();
  return response.status;
}

// Auth0 keeps the first 256 characters of what an Action logs; no user data is among them.
function note(status) {
  if (status < 200 || status > 299) console.log(`leadhook: answered ${status}`);
}

// `fetch failed` alone says nothing; the cause has the code, as in ECONNREFUSED.
function reason(error) {
  const { code, message } = (error && error.cause) || {};
  const cause = code || message;
  return `${error && error.message}${cause ? ` (${cause})` : ''}`;
}

function text(value) {
  return typeof value === 'string' ? value.trim() : '';
}
