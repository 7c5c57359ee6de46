// The certified OpenID provider on a free loopback port, for tests. It tells its address in the
// first line of its output, does what /rig/… asks for, and ends with whoever started it.
//
// Arguments: the folder of its packages, and the file that it writes its tokens down in.

import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

import { consentPage, loginPage } from "./pages.mjs";

const [packages, secrets] = process.argv.slice(2);
const { Provider, interactionPolicy } = await import(`${packages}/oidc-provider/lib/index.js`);
const { default: initializeKeystore } = await import(
  `${packages}/oidc-provider/lib/helpers/initialize_keystore.js`
);

// The first line is for whoever started it; all else is a log.
console.info = console.error;
process.stdin.resume().on("end", () => process.exit());

const accounts = new Map();
const consents = new Map();
const keys = [newKey()];

const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const policy = interactionPolicy.base();
policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);

const provider = new Provider(issuer, {
  jwks: { keys },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  scopes: ["openid", "offline_access", "books"],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "given_name", "family_name", "preferred_username", "picture"],
  },
  pkce: { required: () => true },
  // What is old is worth nothing once there is a new one, and somebody who tries it loses both.
  rotateRefreshToken: true,
  extraClientMetadata: { properties: ["access_token_seconds"], validator() {} },
  ttl: {
    AccessToken: (_ctx, _token, client) => client.access_token_seconds ?? 3600,
    AuthorizationCode: 60,
    Grant: 86400,
    IdToken: 3600,
    Interaction: 600,
    RefreshToken: 86400,
    Session: 86400,
  },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    revocation: { enabled: true },
  },
  interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, name) => ({ accountId: name, claims: () => claimsOf(name) }),
});

// Whoever may be called by any name may log in by it.
function claimsOf(name) {
  const claims = {
    email: `${name}@example.com`,
    email_verified: true,
    name: `${name} Example`,
    given_name: name,
    family_name: "Example",
    preferred_username: name,
    ...accounts.get(name),
    sub: name,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
}

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

async function bodyOf(ctx) {
  const parts = [];
  for await (const part of ctx.req) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function logIn(interaction, name) {
  const { session } = interaction;
  if (session && session.accountId !== name) {
    // Somebody else was logged in; their session ends, as by a log-out.
    delete interaction.session;
    await interaction.persist();
    const other = await provider.Session.find(session.cookie);
    await other?.destroy();
  }
  return { login: { accountId: name }, select_account: {} };
}

async function consent(interaction, chosen) {
  const { accountId } = interaction.session;
  const grant = new provider.Grant({ accountId, clientId: interaction.params.client_id });
  for (const scope of scopesOf(interaction)) {
    if (scope === "openid" || chosen.includes(scope)) grant.addOIDCScope(scope);
    else grant.rejectOIDCScope(scope);
  }
  const grantId = await grant.save();
  consents.set(accountId, [...(consents.get(accountId) ?? []), grantId]);
  return { consent: { grantId } };
}

function scopesOf(interaction) {
  return interaction.params.scope.split(" ");
}

async function interact(ctx) {
  const interaction = await provider.interactionDetails(ctx.req, ctx.res);
  const asksForConsent = interaction.prompt.name === "consent";
  if (ctx.method !== "POST") {
    ctx.type = "html";
    ctx.body = asksForConsent
      ? consentPage(interaction.session.accountId, scopesOf(interaction))
      : loginPage(interaction.params.login_hint);
    return;
  }
  const form = new URLSearchParams(await bodyOf(ctx));
  let result;
  if (form.get("answer") !== "yes") result = { error: "access_denied" };
  else if (asksForConsent) result = await consent(interaction, form.getAll("scope"));
  else result = await logIn(interaction, form.get("login"));
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  ctx.status = 303;
}

const orders = {
  async accounts({ name, claims }) {
    accounts.set(name, claims);
  },
  async keys() {
    keys.unshift(newKey());
    initializeKeystore.call(provider, { keys });
  },
  async withdrawals({ name }) {
    for (const id of consents.get(name) ?? []) {
      await (await provider.Grant.find(id))?.destroy();
    }
    consents.delete(name);
  },
};

provider.use(async (ctx, next) => {
  const [, area, what] = ctx.path.split("/");
  if (area === "interaction") return interact(ctx);
  if (area !== "rig") return next();
  await orders[what](JSON.parse(await bodyOf(ctx)));
  ctx.status = 204;
});

provider.on("grant.success", ({ body }) => {
  for (const name of ["access_token", "refresh_token", "id_token"]) {
    if (body[name]) appendFileSync(secrets, `${JSON.stringify(["token", body[name]])}\n`);
  }
});
provider.on("server_error", (_ctx, error) => console.error(error));

server.on("request", provider.callback());
process.stdout.write(`${issuer}\n`);
