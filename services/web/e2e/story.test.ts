import type { Browser, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, Person } from "./person";
import { apiUrl, screenshot, startBrowser, webUrl } from "./stack";

const JWT = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;
const api = `${apiUrl}/**`;
const down = (route: Route) => route.abort("connectionrefused");

let browser: Browser;
let ann: Person;
let bob: Person;
beforeAll(async () => {
	browser = await startBrowser();
	[ann, bob] = await Promise.all([Person.arrive(browser, "Ann"), Person.arrive(browser, "Bob")]);
});
afterAll(() => browser?.close());

/** Asks the API as this person, with the token that their own browser used last. */
function ask(person: Person, path: string, init: RequestInit = {}) {
	const headers = { Authorization: `Bearer ${person.token}`, "Content-Type": "application/json" };
	return fetch(`${apiUrl}/api/v1/${path}`, { ...init, headers });
}

describe("the first visit", () => {
	it("shows what this is and both ways in", async () => {
		await ann.page.goto(webUrl);
		await ann.page.getByRole("heading", { name: "How you get across" }).waitFor();
		expect(await ann.page.getByRole("link", { name: "Sign in" }).count()).toBe(1);
		await ann.picture("landing");
		await ann.page.getByRole("link", { name: "Create an account" }).click();
		await ann.page.getByRole("heading", { name: "Create an account" }).waitFor();
		await ann.picture("sign-up");
	});

	it("after signing up shows an empty list", async () => {
		await ann.signUp();
		await ann.page.getByText("All quiet on this side").waitFor();
		expect(new URL(ann.page.url()).pathname).toBe("/");
		await ann.picture("empty");
	});
});

describe("Ann's tasks", () => {
	it("are added, the newest first", async () => {
		await ann.add("Oil the winch");
		await ann.add("Count the planks");
		await ann.add("Feed the ravens — twice, 烏 🐦‍⬛");
		expect(await ann.titles()).toEqual([
			"Feed the ravens — twice, 烏 🐦‍⬛",
			"Count the planks",
			"Oil the winch",
		]);
		expect(await ann.entry.inputValue()).toBe("");
		expect(await ann.entry.evaluate((field) => field === document.activeElement)).toBe(true);
	});

	it("are completed, and taken back, and completed", async () => {
		await ann.box("Count the planks").check();
		await ann.page.getByText("2 to do, 1 done").waitFor();
		await ann.box("Count the planks").uncheck();
		await ann.page.getByText("3 to do").waitFor();
		await ann.box("Count the planks").check();
		await ann.page.getByText("Done: Count the planks").waitFor({ state: "attached" });
	});

	it("are deleted, but not by one slip", async () => {
		await ann.page.getByRole("button", { name: "Delete Oil the winch" }).click();
		await ann.picture("deleting");
		await ann.page.getByRole("button", { name: "Keep it" }).click();
		expect(await ann.titles()).toHaveLength(3);
		await ann.remove("Oil the winch");
		expect(await ann.titles()).toHaveLength(2);
	});

	it("are still there, as they were, after a reload", async () => {
		await ann.page.reload();
		expect(await ann.titles()).toEqual(["Feed the ravens — twice, 烏 🐦‍⬛", "Count the planks"]);
		expect(await ann.box("Count the planks").isChecked()).toBe(true);
		expect(await ann.box("Feed the ravens — twice, 烏 🐦‍⬛").isChecked()).toBe(false);
	});

	it("are all in reach of the keyboard, and the focus is never lost", async () => {
		await ann.add("Lower the bridge");
		const { keyboard } = ann.page;
		const focused = () => ann.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
		const onBox = (title: string) => ann.box(title).evaluate((box) => box === document.activeElement);

		await ann.entry.focus();
		await keyboard.press("Tab");
		expect(await onBox("Lower the bridge")).toBe(true);
		await keyboard.press("Space");
		await ann.page.getByText("Done: Lower the bridge").waitFor({ state: "attached" });
		await keyboard.press("Tab");
		expect(await focused()).toBe("Delete Lower the bridge");
		await keyboard.press("Enter");
		await keyboard.press("Escape");
		await eventually(focused, "Delete Lower the bridge");
		await keyboard.press("Enter");
		await eventually(() => ann.page.evaluate(() => document.activeElement?.textContent), "Keep it");
		await keyboard.press("Shift+Tab");
		await keyboard.press("Enter");
		await eventually(() => onBox("Feed the ravens — twice, 烏 🐦‍⬛"), true);
		expect(await ann.titles()).toHaveLength(2);
	});

	it("may be tagged, dated and weighted by other clients, and show it", async () => {
		const made = await ask(ann, "me/tasks", {
			method: "POST",
			body: JSON.stringify({
				title: "Repaint the gate",
				priority: "high",
				due_date: "2031-05-04T10:00:00Z",
				tags: [{ name: "Home", color: "#0F6A63" }, { name: "Spring" }],
			}),
		});
		expect(made.status).toBe(201);
		await ann.page.reload();
		const row = ann.rows.filter({ hasText: "Repaint the gate" });
		for (const fact of ["High priority", "Due 4 May 2031", "Home", "Spring"]) {
			await row.getByText(fact).waitFor();
		}
		await ann.picture("tasks");
	});

	it("that nobody could have meant are refused with the reason", async () => {
		await ann.page.evaluate(() => document.querySelector("#new-task")?.removeAttribute("maxlength"));
		await ann.entry.fill("x".repeat(300));
		await ann.entry.press("Enter");
		const notice = ann.alerts.filter({ hasText: "The task was not added." });
		await notice.getByText("Title:").waitFor();
		expect(await ann.entry.inputValue()).toHaveLength(300);
		await notice.getByRole("button", { name: "Dismiss" }).click();
		await ann.entry.fill("");
	});
});

describe("a longer list", () => {
	it("comes page by page", async () => {
		for (let number = 1; number <= 60; number += 1) {
			const made = await ask(ann, "me/tasks", {
				method: "POST",
				body: JSON.stringify({ title: `Stone ${number}` }),
			});
			expect(made.status).toBe(201);
		}
		await ann.page.reload();
		expect(await ann.titles()).toHaveLength(50);
		await ann.page.getByText("The newest 50").waitFor();
		await ann.page.getByRole("button", { name: "Load more" }).click();
		await eventually(async () => (await ann.titles()).length, 63);
		expect(await ann.page.getByRole("button", { name: "Load more" }).count()).toBe(0);
		const titles = await ann.titles();
		expect(new Set(titles).size).toBe(63);
		expect(titles[0]).toBe("Stone 60");
		expect(titles.at(-1)).toBe("Count the planks");
	});

	it("fits on a small screen", async () => {
		await ann.page.setViewportSize({ width: 320, height: 640 });
		const sideways = await ann.page.evaluate(
			() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
		);
		expect(sideways).toBeLessThanOrEqual(0);
		await ann.page.evaluate(() => window.scrollTo(0, 0));
		await ann.page.screenshot({ path: screenshot("small") });
		await ann.page.setViewportSize({ width: 1100, height: 800 });
	});
});

describe("signing out and in", () => {
	it("takes the tasks off the screen, and the way back", async () => {
		await ann.signOut();
		await ann.page.goBack();
		await ann.page.waitForLoadState();
		expect(await ann.page.getByText("Count the planks").count()).toBe(0);
	});

	it("needs the right password", async () => {
		await ann.signIn(ann.email, "not this one");
		await ann.page.getByText("No account has this e-mail address and password.").waitFor();
		await ann.picture("refused");
		expect(new URL(ann.page.url()).search).toBe("");
	});

	it("brings them back", async () => {
		await ann.signIn();
		expect(await ann.titles()).toHaveLength(50);
	});

	it("is not offered to who is in already", async () => {
		await ann.page.goto(`${webUrl}/sign-in`);
		await ann.page.getByRole("heading", { name: "Your tasks" }).waitFor();
	});
});

describe("Bob", () => {
	it("sees none of Ann's tasks", async () => {
		await bob.signUp();
		await bob.page.getByText("All quiet on this side").waitFor();
		await bob.add("Mind my own business");
		expect(await bob.titles()).toEqual(["Mind my own business"]);
	});

	it("is refused on Ann's path and finds nothing under her ids", async () => {
		const { uuid } = ann.claims as { uuid: string };
		expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4/);
		const page = (await (await ask(ann, `${uuid}/tasks?limit=1`)).json()) as { items: { id: string }[] };
		const id = page.items[0]?.id;

		const path = await ask(bob, `${uuid}/tasks`);
		expect(path.status).toBe(403);
		expect(path.headers.get("content-type")).toContain("application/problem+json");
		expect(await path.json()).toMatchObject({ code: "user_mismatch" });
		for (const method of ["GET", "PATCH", "DELETE"]) {
			const body = method === "PATCH" ? { body: JSON.stringify({ completed: true }) } : {};
			const answer = await ask(bob, `me/tasks/${id}`, { method, ...body });
			expect(answer.status).toBe(404);
		}
		expect((await ask(ann, `me/tasks/${id}`)).status).toBe(200);
	});

	it("gets the same answer from inside the browser", async () => {
		const { uuid } = ann.claims;
		const status = await bob.page.evaluate(
			async ([url, token]) =>
				(await fetch(url ?? "", { headers: { Authorization: `Bearer ${token}` } })).status,
			[`${apiUrl}/api/v1/${uuid}/tasks`, bob.token],
		);
		expect(status).toBe(403);
	});
});

describe("an outage of the API", () => {
	it("is told, with what was typed kept, and passes without losing anything", async () => {
		await bob.context.route(api, down);
		await bob.entry.fill("Written in the dark");
		await bob.entry.press("Enter");
		const notice = bob.alerts.filter({ hasText: "The task was not added." });
		await notice.getByText("The task service cannot be reached").waitFor();
		expect(await bob.entry.inputValue()).toBe("Written in the dark");
		await bob.picture("outage-notice");

		await bob.box("Mind my own business").click();
		await bob.page.getByText("was not marked as done").waitFor();
		expect(await bob.box("Mind my own business").isChecked()).toBe(false);

		await bob.context.unroute(api);
		await bob.entry.press("Enter");
		await bob.box("Written in the dark").waitFor();
		expect(await bob.alerts.count()).toBe(0);
	});

	it("shows in place of the list, and the list comes back by itself", async () => {
		await bob.context.route(api, down);
		await bob.page.reload();
		await bob.page.getByText("The task service cannot be reached").waitFor();
		await bob.picture("outage");
		await bob.context.unroute(api);
		await eventually(() => bob.titles(), ["Written in the dark", "Mind my own business"]);
	});

	it("that the API tells itself is told in its words", async () => {
		const problem = {
			type: "urn:drawbridge:problem:database_unavailable",
			title: "Database unavailable",
			status: 503,
			code: "database_unavailable",
			detail: "the database does not answer",
			error: "the database does not answer",
			request_id: "01a1fc65",
		};
		await bob.context.route(api, (route) =>
			route.fulfill({
				status: 503,
				headers: { "Access-Control-Allow-Origin": webUrl, "Access-Control-Allow-Headers": "authorization" },
				contentType: "application/problem+json",
				body: JSON.stringify(problem),
			}),
		);
		await bob.page.reload();
		await bob.page.getByText("The database does not answer. Request 01a1fc65.").waitFor();
		await bob.context.unroute(api);
		await bob.page.getByRole("button", { name: "Try again" }).click();
		await eventually(async () => (await bob.titles()).length, 2);
	});
});

describe("a session that is over in the middle of work", () => {
	it("is told, and what was typed is still there", async () => {
		await bob.settled();
		await bob.context.clearCookies();
		await refuseOnce(bob);
		await bob.entry.fill("Half a thought");
		await bob.entry.press("Enter");
		const notice = bob.alerts.filter({ hasText: "Your session has ended" });
		await notice.getByRole("link", { name: "Sign in" }).waitFor();
		expect(await bob.entry.inputValue()).toBe("Half a thought");
		await bob.picture("session-over");
		await notice.getByRole("link", { name: "Sign in" }).click();
		await bob.page.getByRole("heading", { name: "Welcome back" }).waitFor();
	});

	it("and goes on as somebody else's does not make the first one's work theirs", async () => {
		await bob.signIn();
		await bob.settled();
		// The same browser, another tab: Bob goes, Ann comes.
		const response = await bob.page.request.post(`${webUrl}/api/auth/sign-in/email`, {
			headers: { Origin: webUrl },
			data: { email: ann.email, password: ann.password },
		});
		expect(response.status()).toBe(200);
		await refuseOnce(bob);
		await bob.entry.fill("Not for Ann's eyes");
		await bob.entry.press("Enter");
		await bob.page.getByText("Somebody else is signed in now").waitFor();
		await bob.page.getByRole("button", { name: "Load the page again" }).click();
		await bob.box("Stone 60").waitFor();
		expect(await bob.titles()).not.toContain("Not for Ann's eyes");
	});

	/** A token that the API does not take any more, as it will be after the session's end. */
	async function refuseOnce(person: Person) {
		const body = {
			type: "about:blank",
			title: "Unauthorized",
			status: 401,
			code: "token_expired",
			detail: "over",
		};
		await person.context.route(
			api,
			(route) =>
				route.request().method() === "OPTIONS"
					? route.fallback()
					: route.fulfill({
							status: 401,
							headers: { "Access-Control-Allow-Origin": webUrl },
							contentType: "application/problem+json",
							body: JSON.stringify(body),
						}),
			{ times: 1 },
		);
	}
});

describe("what nobody sees", () => {
	it("is a JWT in the header of every request to the API, and no cookie", () => {
		for (const person of [ann, bob]) {
			expect(person.calls.length).toBeGreaterThan(3);
			for (const { authorization, cookie } of person.calls) {
				expect(authorization).toMatch(new RegExp(`^Bearer ${JWT.source}$`));
				expect(cookie).toBeUndefined();
			}
		}
		expect(Object.keys(ann.claims).sort()).toEqual(["aud", "exp", "iat", "iss", "sid", "sub", "uuid"]);
	});

	it("is no token in any address", () => {
		for (const person of [ann, bob]) {
			expect(person.urls.length).toBeGreaterThan(20);
			for (const { authorization } of person.calls) {
				const token = (authorization ?? "").replace("Bearer ", "");
				expect(person.urls.filter((url) => url.includes(token))).toEqual([]);
			}
			expect(
				person.urls.filter((url) => JWT.test(url) || decodeURIComponent(url).includes(person.password)),
			).toEqual([]);
		}
	});

	it("is no token that the browser keeps anywhere", async () => {
		for (const { page, token } of [ann, bob]) {
			const kept = await page.evaluate(async () =>
				JSON.stringify([
					{ ...localStorage },
					{ ...sessionStorage },
					await indexedDB.databases(),
					await caches.keys(),
					document.cookie,
					history.state,
					window.name,
				]),
			);
			expect(token).toContain(".");
			expect(kept).not.toContain(token);
			expect(kept).not.toMatch(JWT);
		}
	});

	it("is no error that a page has thrown or noted", () => {
		expect([...ann.complaints, ...bob.complaints]).toEqual([]);
	});
});
