import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { apiUrl, screenshot, webUrl } from "./stack";

/** What one request of the browser to the API carried. */
export interface Call {
	method: string;
	url: string;
	authorization: string | undefined;
	cookie: string | undefined;
}

/** Somebody with a browser of their own: no cookie, no memory shared with anybody else's. */
export class Person {
	readonly email: string;
	readonly password = "a bridge too far, and back";
	readonly urls: string[] = [];
	readonly calls: Call[] = [];
	/** What no page of ours may do: throw, or complain in the console. */
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

	static async arrive(browser: Browser, name: string): Promise<Person> {
		const context = await browser.newContext({
			locale: "en-GB",
			timezoneId: "Europe/London",
			viewport: { width: 1100, height: 800 },
		});
		context.setDefaultTimeout(15_000);
		return new Person(name, context, await context.newPage());
	}

	get entry(): Locator {
		return this.page.getByLabel("New task");
	}

	get rows(): Locator {
		return this.page.getByRole("region", { name: "Tasks" }).getByRole("listitem");
	}

	/** What the page says went wrong. Next has an alert of its own outside, which reads the title of a new page aloud. */
	get alerts(): Locator {
		return this.page.getByRole("main").getByRole("alert");
	}

	box(title: string): Locator {
		return this.page.getByRole("checkbox", { name: title, exact: true });
	}

	/** The JWT that the browser sent last. */
	get token(): string {
		return this.calls.at(-1)?.authorization?.replace(/^Bearer /, "") ?? "";
	}

	/** The claims of that token, not verified. */
	get claims(): Record<string, unknown> {
		return JSON.parse(Buffer.from(this.token.split(".")[1] ?? "", "base64url").toString());
	}

	async signUp() {
		await this.page.goto(`${webUrl}/sign-up`);
		await this.page.getByLabel("Name").fill(this.name);
		await this.fillCredentials(this.email, this.password);
		await this.submit("Create account");
	}

	async signIn(email = this.email, password = this.password) {
		await this.page.goto(`${webUrl}/sign-in`);
		await this.fillCredentials(email, password);
		await this.submit("Sign in");
	}

	async fillCredentials(email: string, password: string) {
		await this.page.getByLabel("E-mail").fill(email);
		await this.page.getByLabel("Password").fill(password);
	}

	async signOut() {
		await this.page.getByRole("button", { name: "Sign out" }).click();
		await this.page.getByRole("link", { name: "Create an account" }).waitFor();
	}

	async add(title: string) {
		await this.entry.fill(title);
		await this.entry.press("Enter");
		await this.box(title).waitFor();
	}

	async remove(title: string) {
		await this.page.getByRole("button", { name: `Delete ${title}`, exact: true }).click();
		await this.page.getByRole("button", { name: "Delete", exact: true }).click();
		await this.box(title).waitFor({ state: "detached" });
	}

	async titles(): Promise<string[]> {
		await this.settled();
		return this.page.getByRole("region", { name: "Tasks" }).locator("label").allInnerTexts();
	}

	/** Waits until the list has been loaded, or could not be. */
	async settled() {
		await this.page.locator("section[aria-label=Tasks][aria-busy=false]").waitFor();
	}

	/** The page as it is, in both themes. */
	async picture(name: string) {
		for (const colorScheme of ["light", "dark"] as const) {
			await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			await this.page.screenshot({ path: screenshot(`${name}-${colorScheme}`), fullPage: true });
		}
		await this.page.emulateMedia({ colorScheme: null, reducedMotion: null });
	}

	async leave() {
		await this.context.close();
	}

	/** Presses the button; where Better Auth limits the attempts, waits for as long as the page says and presses again. */
	private async submit(button: string) {
		for (let attempt = 0; attempt < 5; attempt += 1) {
			await this.page.getByRole("button", { name: button, exact: true }).click();
			await this.page.getByRole("heading", { name: "Your tasks" }).or(this.alerts).first().waitFor();
			const refusal = (await this.alerts.allTextContents()).join();
			const seconds = /Try again in (\d+) second/.exec(refusal)?.[1];
			if (!seconds) return;
			await this.page.waitForTimeout((Number(seconds) + 1) * 1000);
		}
		throw new Error(`"${button}" was limited five times over`);
	}

	private watch() {
		this.context.on("request", async (request) => {
			const url = request.url();
			this.urls.push(url);
			if (!url.startsWith(`${apiUrl}/`) || request.method() === "OPTIONS") return;
			const { authorization, cookie } = await request.allHeaders();
			this.calls.push({ method: request.method(), url, authorization, cookie });
		});
		this.context.on("weberror", (error) => this.complaints.push(String(error.error())));
		this.context.on("console", (message) => {
			// The browser itself notes each answer of 400 and above and each failed connection, wanted or not.
			if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
				this.complaints.push(message.text());
			}
		});
	}
}

/** Asks until it is so: for what the page does by itself. */
export async function eventually<T>(ask: () => Promise<T> | T, wanted: T, timeout = 15_000) {
	await expect.poll(ask, { timeout, interval: 100 }).toEqual(wanted);
}
