import { beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults } from "./accessibility";
import { eventually, type Person } from "./person";
import { apiUrl, servers, sql, webUrl } from "./stack";
import { story } from "./story";

const { member } = story();
let ann: Person;
let bob: Person;

beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
	await ann.add("Before it all");
});

/** The next request of this page carries a token that was fetched for it. */
async function tokenIsRefusedOnce(person: Person) {
	let refused = 0;
	const tasks = (url: URL) => url.href.startsWith(`${apiUrl}/api/v1/me/tasks`);
	await person.page.route(tasks, async (route) => {
		if (route.request().method() === "OPTIONS" || refused > 0) return route.continue();
		refused += 1;
		await route.continue({ headers: { ...route.request().headers(), authorization: "Bearer e30.e30.e30" } });
	});
}

describe("a key that signs tokens", () => {
	it("is rotated in mid-session, and no one notices a rotation", async () => {
		const before = [ann.keyId, bob.keyId];
		expect(before[0]).toBe(before[1]);
		await sql(`UPDATE auth.jwks SET "expiresAt" = now() WHERE "expiresAt" > now()`);
		// Ann goes on with the token that she has, of the old key; Bob's page gets itself one of the new key.
		await ann.add("By the old key");
		expect(ann.keyId).toBe(before[0]);
		await tokenIsRefusedOnce(bob);
		await bob.add("By the new key");
		expect(bob.keyId).not.toBe(before[0]);
		await ann.add("Still by the old key");
		for (const person of [ann, bob]) {
			expect(await person.problems.getByRole("button").count()).toBe(0);
			expect(await person.alerts.count()).toBe(0);
		}
		await bob.page.unrouteAll();
	});

	it("has leaked and is withdrawn, and no one notices a leaked key being withdrawn", async () => {
		const leaked = ann.keyId;
		await sql("DELETE FROM auth.jwks");
		// The API forgets keys with its next renewal, or at once when it starts anew.
		await servers.restart("api");
		await ann.add("After the leak");
		expect(ann.keyId).not.toBe(leaked);
		await bob.add("After the leak");
		expect(bob.keyId).toBe(ann.keyId);
		for (const person of [ann, bob]) expect(await person.problems.getByRole("button").count()).toBe(0);
	});
});

describe("an API that is down", () => {
	it("is told, with what was typed kept, and nothing is lost when it is back", async () => {
		await servers.stop("api");
		await bob.page.getByText("Reconnecting").waitFor();
		await bob.entry.fill("Written in the dark");
		await bob.entry.press("Enter");
		await bob.problems.getByText("The task was not added.").waitFor();
		await bob.problems.getByText("The task service cannot be reached").waitFor();
		expect(await bob.entry.inputValue()).toBe("Written in the dark");
		await bob.picture("outage-note");
		expect(await accessibilityFaults(bob.page)).toEqual([]);

		await ann.reload();
		await ann.page.getByText("The task service cannot be reached").waitFor();
		await ann.picture("outage");
		expect(await accessibilityFaults(ann.page)).toEqual([]);

		await servers.start("api");
		await ann.box("After the leak").waitFor({ timeout: 40_000 });
		await bob.entry.press("Enter");
		await bob.box("Written in the dark").waitFor();
		await Promise.all(
			[ann, bob].map(({ page }) => page.getByText("Live", { exact: true }).waitFor({ timeout: 40_000 })),
		);
		await bob.has({ title: "Heard of again" });
		await bob.box("Heard of again").waitFor();
	});

	it("for a moment only is waited for: what was done is sent again, once", async () => {
		let refused = 0;
		await ann.page.route(`${apiUrl}/api/v1/me/tasks`, (route) => {
			if (route.request().method() !== "POST" || refused > 0) return route.continue();
			refused += 1;
			return route.abort("connectionrefused");
		});
		await ann.add("In spite of it");
		expect(refused).toBe(1);
		await ann.page.unrouteAll();
		expect(await ann.problems.getByRole("button").count()).toBe(0);
	});

	it("in its own words says what it has, and the page repeats it with the number to ask for", async () => {
		const problem = {
			type: "urn:drawbridge:problem:database_unavailable",
			title: "Database unavailable",
			status: 503,
			code: "database_unavailable",
			detail: "the database does not answer",
			error: "the database does not answer",
			request_id: "01a1fc65",
		};
		const tasks = (url: URL) => url.href.startsWith(`${apiUrl}/api/v1/me/tasks`);
		await bob.page.route(tasks, (route) =>
			route.fulfill({
				status: 503,
				headers: { "Access-Control-Allow-Origin": webUrl, "Access-Control-Allow-Headers": "authorization" },
				contentType: "application/problem+json",
				body: JSON.stringify(problem),
			}),
		);
		await bob.reload();
		await bob.page.getByText("The database does not answer. Request 01a1fc65.").waitFor();
		await bob.page.unrouteAll();
		await bob.page.getByRole("button", { name: "Try again" }).click();
		await bob.box("Heard of again").waitFor();
	});
});

describe("a Better Auth that is down", () => {
	it("stops nobody who has a token, and is told to who needs one", async () => {
		await servers.stop("web");
		await ann.add("Without Better Auth");
		await tokenIsRefusedOnce(bob);
		await bob.entry.fill("Needs another token");
		await bob.entry.press("Enter");
		await bob.problems.getByText("The sign-in service gives no answer").waitFor({ timeout: 30_000 });
		expect(await bob.entry.inputValue()).toBe("Needs another token");
		await bob.page.unrouteAll();
	});

	it("and is back has everybody signed in still, and the API has lost no key", async () => {
		await servers.start("web");
		await bob.entry.press("Enter");
		await bob.box("Needs another token").waitFor();
		await ann.reload();
		await ann.box("Without Better Auth").waitFor();
		expect(await ann.page.getByRole("dialog").count()).toBe(0);
		await eventually(async () => (await ann.stored("Without Better Auth"))?.completed, false);
	});
});
