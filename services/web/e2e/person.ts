import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { apiUrl, screenshot, sql, webUrl } from "./stack";

/** What one request of the browser to the API carried. */
export interface Call {
	method: string;
	url: string;
	authorization: string | undefined;
	cookie: string | undefined;
}

/** What is put into a task through the API, as another client of the same user would. */
export type Body = Record<string, unknown>;

/** Somebody with a browser of their own: no cookie, no memory shared with anybody else's. */
export class Person {
	readonly email: string;
	readonly password = "a bridge too far, and back";
	readonly urls: string[] = [];
	readonly calls: Call[] = [];
	/** What no page of ours may do: throw, or complain in the console, for instance of what its policy forbids. */
	readonly complaints: string[] = [];

	private constructor(
		readonly name: string,
		readonly context: BrowserContext,
		readonly page: Page,
	) {
		const unique = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
		this.email = `${name.toLowerCase()}-${unique}@example.com`;
		this.watch();
	}

	/** With an empty browser, at no page. */
	static async arrive(browser: Browser, name: string, more: BrowserContextOptions = {}): Promise<Person> {
		const context = await browser.newContext({
			locale: "en-GB",
			timezoneId: "Europe/London",
			viewport: { width: 1100, height: 800 },
			reducedMotion: "reduce",
			...more,
		});
		context.setDefaultTimeout(15_000);
		return new Person(name, context, await context.newPage());
	}

	/** With an account, signed in, at the task page. */
	static async member(browser: Browser, name: string, more: BrowserContextOptions = {}): Promise<Person> {
		const person = await Person.arrive(browser, name, more);
		await person.auth("/sign-up/email", { name, email: person.email, password: person.password });
		await person.open();
		return person;
	}

	/** What stands in the page's place where it could not be had. */
	get alerts(): Locator {
		return this.page.getByRole("main").getByRole("alert");
	}

	/** The notes at the page's foot that say what went wrong. */
	get problems(): Locator {
		return this.page.getByRole("alert", { name: "Problems" });
	}

	/** The notes that say what was done, with the way back. */
	get notes(): Locator {
		return this.page.getByRole("region", { name: "Notes" });
	}

	get entry(): Locator {
		return this.page.getByRole("textbox", { name: "New task" });
	}

	get list(): Locator {
		return this.page.getByRole("region", { name: "Tasks", exact: true });
	}

	box(title: string): Locator {
		return this.list.getByRole("checkbox", { name: title, exact: true });
	}

	row(title: string): Locator {
		return this.list
			.getByRole("listitem")
			.filter({ has: this.page.getByRole("checkbox", { name: title, exact: true }) });
	}

	/** The titles that the list shows, from above. Of a long list only what is in sight is in the page. */
	async titles(): Promise<string[]> {
		return this.list
			.getByRole("checkbox")
			.evaluateAll((boxes) =>
				boxes
					.sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
					.map((box) => box.getAttribute("aria-label") ?? ""),
			);
	}

	/** Types it in and waits until the API has it. */
	async add(title: string) {
		await this.entry.fill(title);
		await this.entry.press("Enter");
		await this.row(title).and(this.page.locator("[aria-busy=false]")).waitFor();
	}

	/** The JWT that the browser sent last. */
	get token(): string {
		return this.calls.at(-1)?.authorization?.replace(/^Bearer /, "") ?? "";
	}

	/** The claims of that token, not verified. */
	get claims(): Record<string, string> {
		return JSON.parse(Buffer.from(this.token.split(".")[1] ?? "", "base64url").toString());
	}

	/** The key that the token was signed with. */
	get keyId(): string {
		return JSON.parse(Buffer.from(this.token.split(".")[0] ?? "", "base64url").toString()).kid;
	}

	async open(path = "/") {
		await this.page.goto(`${webUrl}${path}`);
		await this.settled();
	}

	/** The page has taken over from what the server wrote, and has what it shows. */
	async settled(page = this.page) {
		await page.getByRole("main").waitFor();
		await page.getByRole("main").and(page.locator(":not(:has([aria-busy=true]))")).waitFor();
	}

	/** The page anew, as after the browser's own button. */
	async reload() {
		await this.page.reload();
		await this.settled();
	}

	/** Asks Better Auth with this browser's cookies, and lets it set them. */
	async auth(path: string, body?: Body) {
		const url = `${webUrl}/api/auth${path}`;
		const headers = { Origin: webUrl };
		const answer = body
			? await this.context.request.post(url, { headers, data: body })
			: await this.context.request.get(url, { headers });
		expect(answer.status(), `${path} answers ${await answer.text()}`).toBe(200);
		return answer.json();
	}

	/** Asks the API as another client of this user would: with a token of its own. */
	async api(method: string, path: string, body?: Body, headers: Record<string, string> = {}) {
		const { token } = await this.auth("/token");
		return fetch(`${apiUrl}/api/v1/${path}`, {
			method,
			headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
			...(body ? { body: JSON.stringify(body) } : {}),
		});
	}

	/** Puts tasks into this user's list, a hundred in a request, in this order. */
	async has(...tasks: Body[]) {
		for (let from = 0; from < tasks.length; from += 100) {
			const operations = tasks.slice(from, from + 100).map((body) => ({ op: "create", body }));
			const answer = await this.api("POST", "me/tasks/batch", { operations, atomic: true });
			expect(answer.status, await answer.clone().text()).toBe(200);
		}
	}

	/** What the API holds of a task of this title, the trash included. */
	async stored(title: string) {
		for (const deleted of ["false", "only"]) {
			const answer = await this.api(
				"GET",
				`me/tasks?limit=200&deleted=${deleted}&search=${encodeURIComponent(title)}`,
			);
			expect(answer.status, await answer.clone().text()).toBe(200);
			const { items } = (await answer.json()) as { items: StoredTask[] };
			const found = items.find((task) => task.title === title);
			if (found) return found;
		}
		return null;
	}

	/** As after a sign-out on another device, or a revocation. */
	async sessionsEnd() {
		await sql(`DELETE FROM auth.session WHERE "userId" = (SELECT id FROM auth."user" WHERE email = $1)`, [
			this.email,
		]);
	}

	async fillCredentials(email = this.email, password = this.password) {
		await this.page.getByLabel("E-mail").fill(email);
		await this.page.getByLabel("Password").fill(password);
	}

	/** The page as it is, in both themes. */
	async picture(name: string, more: { fullPage?: boolean } = {}) {
		for (const colorScheme of ["light", "dark"] as const) {
			await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			await this.page.screenshot({ path: screenshot(`${name}-${colorScheme}`), ...more });
		}
		await this.page.emulateMedia({ colorScheme: null, reducedMotion: "reduce" });
	}

	private watch() {
		this.context.on("request", async (request) => {
			const url = request.url();
			this.urls.push(url);
			if (!url.startsWith(`${apiUrl}/`) || request.method() === "OPTIONS") return;
			// A page that is closed meanwhile takes its requests along.
			const { authorization, cookie } = await request.allHeaders().catch(() => request.headers());
			this.calls.push({ method: request.method(), url, authorization, cookie });
		});
		this.context.on("weberror", (error) => this.complaints.push(String(error.error())));
		this.context.on("console", (message) => {
			// The browser itself notes each answer of 400 and above and each failed connection, wanted or not.
			const ownNote = /^Failed to load resource|net::ERR_|blocked by CORS policy/.test(message.text());
			if (message.type() === "error" && !ownNote) this.complaints.push(message.text());
		});
	}
}

export interface StoredTask {
	id: string;
	title: string;
	description: string | null;
	completed: boolean;
	priority: string;
	due_date: string | null;
	reminder_at: string | null;
	recurrence: { rrule: string; timezone: string } | null;
	parent_id: string | null;
	tags: { name: string; color: string }[];
	version: number;
	deleted_at: string | null;
}

/** Asks until it is so: for what the page does by itself. */
export async function eventually<T>(ask: () => Promise<T> | T, wanted: T, timeout = 15_000) {
	await expect.poll(ask, { timeout, interval: 100 }).toEqual(wanted);
}
