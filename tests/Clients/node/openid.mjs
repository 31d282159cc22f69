// OpenID Connect by a certified client: discovery, a code with PKCE from the sign-in form on, refreshing and what ends it, a device, a program's own token.
import * as client from "openid-client";
import { run, setting } from "./flow.mjs";

const garden = setting("GARDEN_URL");
const redirect = "https://app.example/callback";

/** A browser without script: cookies, forms, and the pages that lead on by themselves. */
class Browser {
  cookies = new Map();

  async go(path, fields) {
    const response = await fetch(new URL(path, garden), {
      method: fields ? "POST" : "GET",
      redirect: "manual",
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "), ...(fields ? { origin: garden } : {}) },
      ...(fields ? { body: new URLSearchParams({ form: this.form, ...fields }) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      this.cookies.set(name, value);
    }
    const html = await response.text();
    this.form = field(html, "form") ?? this.form;
    const onward = response.headers.get("location") ?? /content="0;url=([^"]+)"/.exec(html)?.[1];
    return { status: response.status, html, onward: onward && unescaped(onward) };
  }

  async signIn(name, password) {
    await this.go("/account/sign-in");
    const { status } = await this.go("/account/sign-in", { name, password });
    check(status === 303, `signing in answered ${status}`);
  }
}

const unescaped = (text) => text.replaceAll("&amp;", "&").replaceAll("&#x2B;", "+");
const field = (html, name) => unescaped(new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "") || undefined;

function check(is, what) {
  if (!is) {
    throw new Error(what);
  }
}

async function refused(promise, error) {
  const told = await promise.then(() => "taken", (failure) => failure.error ?? failure.cause?.error ?? failure.message);
  check(told === error, `${error} was expected, not ${told}`);
}

const discover = (id, secret) => client.discovery(new URL(garden), id, undefined, secret ? client.ClientSecretBasic(secret) : client.None(), { execute: [client.allowInsecureRequests] });

async function whoAmI(token) {
  const response = await fetch(new URL("/garden/v1/whoami", garden), { headers: { authorization: `Bearer ${token}` } });
  return response.ok ? await response.json() : { status: response.status };
}

async function codeFlow(browser) {
  const config = await discover(setting("CLIENT_ID"), setting("CLIENT_SECRET"));
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope: "openid profile email read", code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", state, nonce, max_age: "600",
  });
  let page = await browser.go(url);
  page = await browser.go(page.onward);
  const { onward } = await browser.go("/account/authorize", { request: field(page.html, "request"), answer: "allow" });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 600, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, new URL(onward), checks);
  const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  const me = await whoAmI(tokens.access_token);
  const introspected = await client.tokenIntrospection(config, tokens.access_token);
  check(introspected.active && introspected.scope === "openid profile email read", "the token is not what was asked for");

  const second = await client.refreshTokenGrant(config, tokens.refresh_token);
  const third = await client.refreshTokenGrant(config, second.refresh_token);
  await refused(client.refreshTokenGrant(config, tokens.refresh_token), "invalid_grant");
  await refused(client.refreshTokenGrant(config, third.refresh_token), "invalid_grant");
  const ended = (await whoAmI(third.access_token)).status;

  const again = await browser.go(client.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope: "openid", code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", prompt: "none",
  }));
  const silent = await client.authorizationCodeGrant(config, new URL((await browser.go(again.onward)).onward), { pkceCodeVerifier: verifier, idTokenExpected: true });
  await client.tokenRevocation(config, silent.access_token);
  check(!(await client.tokenIntrospection(config, silent.access_token)).active, "a revoked token is active");
  return { sub: tokens.claims().sub, name: info.preferred_username, account: me.name, scopes: me.scopes, ended };
}

async function deviceFlow(browser) {
  const config = await discover("26be6b09-91c5-47da-9861-d2d2bb7a7e36");
  const device = await client.initiateDeviceAuthorization(config, {});
  await browser.go(device.verification_uri_complete);
  await browser.go("/account/device", { user_code: device.user_code });
  await browser.go("/account/device/answer", { user_code: device.user_code, answer: "allow" });
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0 });
  const response = await fetch(new URL("/api/whoami-v2", garden), { headers: { authorization: `Bearer ${tokens.access_token}` } });
  return { token: tokens.access_token.slice(0, 10), hub: (await response.json()).name };
}

async function ownToken() {
  const config = await discover(setting("PROGRAM_ID"), setting("PROGRAM_SECRET"));
  return (await whoAmI((await client.clientCredentialsGrant(config)).access_token)).name;
}

run(async () => {
  const browser = new Browser();
  await browser.signIn(setting("PERSON"), setting("PASSWORD"));
  return { code: await codeFlow(browser), device: await deviceFlow(browser), program: await ownToken() };
});
