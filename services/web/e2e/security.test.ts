import { beforeAll, describe, expect, it } from "vitest";
import type { Person } from "./person";
import { secretsInLogs, secretsLeftBy } from "./secrets";
import { apiUrl, servers, webUrl } from "./stack";
import { story } from "./story";

const { member, visitor } = story();
let ann: Person;
let bob: Person;
beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
	await ann.add("Guard the gate");
});

const policyOf = async (path: string) => {
	const answer = await ann.context.request.get(`${webUrl}${path}`);
	const policy = new Map(
		(answer.headers()["content-security-policy"] ?? "")
			.split("; ")
			.map((part): [string, string[]] => [part.split(" ")[0] ?? "", part.split(" ").slice(1)]),
	);
	return { policy, html: await answer.text(), headers: answer.headers() };
};

describe("the policy of a page", () => {
	const paths = ["/", "/trash", "/statistics", "/settings", "/problems", "/no-such-page"];

	it("is on every page, lets run what came with its nonce, and talk to itself and the API alone", async () => {
		const nonces = new Set<string>();
		for (const path of paths) {
			const { policy, html, headers } = await policyOf(path);
			const scripts = policy.get("script-src") ?? [];
			expect(scripts, path).not.toContain("'unsafe-inline'");
			expect(scripts, path).not.toContain("'unsafe-eval'");
			expect(scripts, path).toContain("'strict-dynamic'");
			expect(policy.get("style-src"), path).not.toContain("'unsafe-inline'");
			expect(policy.get("connect-src"), path).toEqual(["'self'", apiUrl]);
			for (const name of ["frame-ancestors", "object-src", "base-uri", "frame-src"]) {
				expect(policy.get(name), `${name} of ${path}`).toEqual(["'none'"]);
			}
			const nonce = scripts.find((source) => source.startsWith("'nonce-"))?.slice(7, -1) ?? "";
			expect(nonce.length, path).toBeGreaterThanOrEqual(22);
			nonces.add(nonce);
			const tags = html.match(/<script\b[^>]*>/g) ?? [];
			expect(tags.length, path).toBeGreaterThan(0);
			for (const tag of tags) expect(tag, path).toContain(`nonce="${nonce}"`);
			expect(html, path).not.toMatch(/<[^>]+\son[a-z]+=/i);
			expect(headers["x-content-type-options"]).toBe("nosniff");
			expect(headers["referrer-policy"]).toBe("same-origin");
		}
		expect(nonces.size).toBe(paths.length);
	});

	it("holds in the browser: no script that was put in runs, and nothing goes to another address", async () => {
		const page = await ann.context.newPage();
		await page.goto(`${webUrl}/`);
		await page.evaluate(() => {
			const all: string[] = [];
			document.addEventListener("securitypolicyviolation", (event) => all.push(event.effectiveDirective));
			Object.assign(window, { violations: all });
		});
		const ran = await page.evaluate(async (elsewhere) => {
			document.body.insertAdjacentHTML("beforeend", `<img src="/none" onerror="window.pwned = 1">`);
			const script = document.createElement("div");
			script.innerHTML = "<script>window.pwned = 2</script>";
			document.body.append(script);
			const link = document.createElement("a");
			link.href = "javascript:window.pwned = 3";
			document.body.append(link);
			link.click();
			const sent = await fetch(elsewhere, { mode: "no-cors" }).then(
				() => true,
				() => false,
			);
			await new Promise((resolve) => setTimeout(resolve, 300));
			return { pwned: "pwned" in window, sent };
		}, "http://127.0.0.1:9/steal");
		expect(ran).toEqual({ pwned: false, sent: false });
		const violations = await page.evaluate(() => (window as unknown as { violations: string[] }).violations);
		expect(violations).toEqual(expect.arrayContaining(["script-src-attr", "connect-src"]));
		await page.close();
		// The browser has said so in the console as well, which is what was wanted.
		expect(ann.complaints.splice(0).join("\n")).toMatch(/Content Security Policy/);
	});

	it("lets no other page frame it", async () => {
		const { headers } = await policyOf("/");
		expect(headers["x-frame-options"]).toBe("DENY");
	});
});

describe("the API", () => {
	it("is answered for its own page and no other", async () => {
		const preflight = (origin: string) =>
			fetch(`${apiUrl}/api/v1/me/tasks`, {
				method: "OPTIONS",
				headers: {
					Origin: origin,
					"Access-Control-Request-Method": "GET",
					"Access-Control-Request-Headers": "authorization",
				},
			}).then(({ headers }) => headers.get("access-control-allow-origin"));
		expect(await preflight(webUrl)).toBe(webUrl);
		const port = new URL(webUrl).port;
		for (const origin of [
			`http://127.0.0.1:${port}`,
			`https://localhost:${port}`,
			"http://localhost",
			`${webUrl}.example.com`,
			"null",
		]) {
			expect(await preflight(origin), origin).toBeNull();
		}
		// The very same files under another address are another origin, and in a browser they stay outside.
		const stranger = await visitor("Mallory");
		await stranger.page.goto(`http://127.0.0.1:${port}/no-such-page`);
		const got = await stranger.page.evaluate(
			([url, token]) =>
				fetch(url ?? "", { headers: { Authorization: `Bearer ${token}` } }).then(
					({ status }) => status,
					() => "nothing",
				),
			[`${apiUrl}/api/v1/me/tasks`, ann.token],
		);
		expect(got).toBe("nothing");
		stranger.complaints.length = 0;
	});

	it("gets a token in a header, and never a cookie", () => {
		expect(ann.calls.length).toBeGreaterThan(3);
		for (const { url, authorization, cookie } of ann.calls) {
			if (new URL(url).pathname === "/openapi.json") continue;
			expect(authorization, url).toMatch(/^Bearer ey/);
			expect(cookie, url).toBeUndefined();
		}
	});

	it("shows a user nothing of another's, on whatever path and from inside the browser as well", async () => {
		const { uuid } = ann.claims;
		const id = (await ann.stored("Guard the gate"))?.id;
		const path = await bob.api("GET", `${uuid}/tasks`);
		expect(path.status).toBe(403);
		expect(await path.json()).toMatchObject({ code: "user_mismatch" });
		for (const method of ["GET", "PATCH", "DELETE"]) {
			const answer = await bob.api(
				method,
				`me/tasks/${id}`,
				method === "PATCH" ? { completed: true } : undefined,
			);
			expect(answer.status, method).toBe(404);
		}
		expect(await ann.stored("Guard the gate")).toMatchObject({ completed: false, deleted_at: null });
		const status = await bob.page.evaluate(
			async ([url, token]) =>
				(await fetch(url ?? "", { headers: { Authorization: `Bearer ${token}` } })).status,
			[`${apiUrl}/api/v1/${uuid}/tasks`, bob.token],
		);
		expect(status).toBe(403);
	});
});

describe("a token", () => {
	it("says who, for whom and how long, and nothing about the person", () => {
		expect(Object.keys(ann.claims).sort()).toEqual(["aud", "exp", "iat", "iss", "sid", "sub", "uuid"]);
		expect(ann.claims.iss).toBe(webUrl);
		expect(ann.claims.aud).toBe(webUrl);
		expect(Number(ann.claims.exp) - Number(ann.claims.iat)).toBe(900);
	});

	it("of a page is kept by no cache", async () => {
		const answer = await ann.context.request.get(`${webUrl}/api/auth/token`, { headers: { Origin: webUrl } });
		expect(answer.status()).toBe(200);
		expect(answer.headers()["cache-control"]).toBe("no-store");
	});

	it("is in no storage, no address, no document and no log; and where it were, the search would find it", async () => {
		expect(await secretsLeftBy(ann)).toEqual([]);
		expect(await secretsInLogs([ann, bob])).toEqual([]);
		await ann.page.evaluate((token) => localStorage.setItem("token", token), ann.token);
		expect(await secretsLeftBy(ann)).toEqual(["Ann: localStorage of /"]);
		await ann.page.evaluate(() => localStorage.clear());
		await ann.page.evaluate((token) => {
			// biome-ignore lint/suspicious/noDocumentCookie: what a careless page would do.
			document.cookie = `jwt=${token}; Path=/`;
		}, ann.token);
		expect(await secretsLeftBy(ann)).toEqual(["Ann: cookies that scripts read of /"]);
		await ann.context.clearCookies({ name: "jwt" });
		expect(await secretsLeftBy(ann)).toEqual([]);
	});

	it("comes by a cookie that no script reads and no other site sends", async () => {
		const session = (await ann.context.cookies()).find(({ name }) => name.includes("session_token"));
		expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
		expect(await ann.page.evaluate(() => document.cookie)).not.toContain("session");
	});
});

describe("signing in", () => {
	it("stops whoever guesses passwords, with the time to wait, and lets in who has waited", async () => {
		await servers.stop("web");
		await servers.startRateLimited();
		try {
			const guesser = await visitor("Guesser");
			await guesser.open("/sign-in");
			const attempt = async (password: string) => {
				await guesser.fillCredentials(bob.email, password);
				await guesser.page.getByRole("button", { name: "Sign in" }).click();
			};
			for (const password of ["first guess", "second guess", "third guess"]) {
				const answered = guesser.page.waitForResponse(/\/sign-in\/email/);
				await attempt(password);
				expect((await answered).status()).toBe(401);
				await guesser.page.getByText("No account has this e-mail address and password.").waitFor();
			}
			await attempt(bob.password);
			const refusal = guesser.page.getByText(/^Too many attempts\. Try again in \d+ seconds?\.$/);
			await refusal.waitFor();
			const seconds = Number(/\d+/.exec((await refusal.textContent()) ?? "")?.[0]);
			expect(seconds).toBeLessThanOrEqual(10);
			await guesser.picture("too-many-attempts");
			await guesser.page.waitForTimeout((seconds + 1) * 1_000);
			await attempt(bob.password);
			await guesser.page.getByRole("heading", { name: "Your tasks" }).waitFor();
		} finally {
			await servers.restart("web");
		}
	});
});
