import { beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults } from "./accessibility";
import { eventually, type Person } from "./person";
import { apiUrl, screenshot, webUrl } from "./stack";
import { story } from "./story";

const { member, visitor } = story();
let ann: Person;
let visiting: Person;
beforeAll(async () => {
	[ann, visiting] = await Promise.all([member("Ann"), visitor("Visitor")]);
	const soon = new Date(Date.now() + 86_400_000).toISOString();
	await ann.has(
		{
			title: "Repaint the gate",
			priority: "high",
			due_date: soon,
			tags: [{ name: "Home" }, { name: "Spring" }],
		},
		{ title: "Count the planks", priority: "medium", due_date: "2020-05-04T10:00:00Z", reminder_at: null },
		{ title: "Oil the winch", priority: "low", tags: [{ name: "Winch", color: "#FFEE88" }] },
		{ title: "Swept the yard", completed: true },
		{ title: "W".repeat(200) },
		{ title: "Thrown away" },
	);
	const gone = await ann.stored("Thrown away");
	await ann.api("DELETE", `me/tasks/${gone?.id}`);
});

describe("axe-core finds nothing serious, in both themes,", () => {
	it.each(["/", "/sign-in", "/sign-up", "/problems", "/no-such-page"])(
		"on %s without a session",
		async (path) => {
			await visiting.open(path);
			expect(await accessibilityFaults(visiting.page)).toEqual([]);
		},
	);

	it.each(["/", "/?sort=position&status=all", "/?q=nothing+like+this", "/trash", "/statistics", "/settings"])(
		"on %s",
		async (path) => {
			await ann.open(path);
			expect(await accessibilityFaults(ann.page)).toEqual([]);
		},
	);

	it("on what opens over the task page", async () => {
		await ann.open();
		const { page } = ann;
		await page.getByRole("button", { name: "Filters" }).click();
		expect(await accessibilityFaults(page), "filters").toEqual([]);
		await page.getByRole("button", { name: "Filters" }).click();

		await page.getByRole("button", { name: "Open Repaint the gate" }).click();
		await page.getByRole("dialog").getByLabel("Title").waitFor();
		expect(await accessibilityFaults(page), "editor").toEqual([]);
		await page.keyboard.press("Escape");

		await page.getByRole("button", { name: "Edit tags" }).click();
		await page.getByRole("dialog", { name: "Tags" }).getByLabel("Name of Home").waitFor();
		expect(await accessibilityFaults(page), "tags").toEqual([]);
		await page.keyboard.press("Escape");

		await page.locator("h1").click();
		await page.keyboard.press("?");
		await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
		expect(await accessibilityFaults(page), "shortcuts").toEqual([]);
		await page.keyboard.press("Escape");

		await page.getByRole("button", { name: "Account of Ann" }).click();
		await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
		expect(await accessibilityFaults(page), "menu").toEqual([]);
		await page.keyboard.press("Escape");

		await ann.box("Oil the winch").click();
		await ann.notes.getByText("Done: Oil the winch").waitFor();
		expect(await accessibilityFaults(page), "note").toEqual([]);
	});
});

describe("the developer drawer", () => {
	it("shows what the token says, how long it lives, and fetches another", async () => {
		await ann.open();
		await ann.page.locator("h1").click();
		await ann.page.keyboard.press(".");
		const drawer = ann.page.getByRole("complementary", { name: "Developer drawer" });
		const { uuid, sid, iss } = ann.claims;
		for (const claim of [uuid, sid, iss])
			await drawer
				.getByText(claim ?? "", { exact: true })
				.first()
				.waitFor();
		await drawer.getByText("This app was built from the document that the API has now.").waitFor();
		const left = async () => {
			const [minutes, seconds] = ((await drawer.getByRole("timer").textContent()) ?? "")
				.split(":")
				.map(Number);
			return (minutes ?? 0) * 60 + (seconds ?? 0);
		};
		const first = await left();
		expect(first).toBeLessThanOrEqual(900);
		expect(first).toBeGreaterThan(600);
		await eventually(async () => (await left()) < first, true);
		await ann.picture("developer");
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		const before = ann.token;
		await drawer.getByRole("button", { name: "Fetch a new one" }).click();
		await eventually(async () => (await left()) >= first - 1, true);
		expect(await drawer.innerText()).not.toContain(before.slice(0, 20));
	});

	it("shows the last problem, and what helps", async () => {
		const drawer = ann.page.getByRole("complementary", { name: "Developer drawer" });
		await drawer.getByText("None since this page was loaded.").waitFor();
		await ann.page.evaluate(() => document.querySelector("#new-task")?.removeAttribute("maxlength"));
		await ann.entry.fill("x".repeat(300));
		await ann.entry.press("Enter");
		await drawer.getByText("validation_failed", { exact: true }).waitFor();
		await ann.picture("developer-problem");
		const link = drawer.getByRole("link", { name: /^About validation_failed/ });
		expect(await link.getAttribute("href")).toBe("/problems#validation_failed");
		await ann.open("/problems#validation_failed");
		await ann.page.locator("#validation_failed").getByText("validation_failed").waitFor();
	});
});

describe("the pages", () => {
	it("fit into 320 pixels, and nothing is cut off at the side", async () => {
		const small = await visitor("Ann", { viewport: { width: 320, height: 640 } });
		const sideways = () =>
			small.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		const look = async (path: string, name: string) => {
			await small.open(path);
			expect(await sideways(), path).toBeLessThanOrEqual(0);
			await small.page.screenshot({ path: screenshot(`small-${name}`) });
		};
		await look("/", "landing");
		await look("/sign-up", "sign-up");
		await small.auth("/sign-in/email", { email: ann.email, password: ann.password });
		await look("/", "tasks");
		await small.page.getByRole("button", { name: "Open Repaint the gate" }).click();
		await small.page.getByRole("dialog").getByLabel("Title").waitFor();
		expect(await sideways(), "editor").toBeLessThanOrEqual(0);
		await small.page.screenshot({ path: screenshot("small-editor") });
		await look("/trash", "trash");
		await look("/statistics", "statistics");
		await look("/settings", "settings");
		await small.page.getByRole("button", { name: "Menu" }).click();
		await small.page.getByRole("dialog", { name: "Menu" }).getByRole("link", { name: "Statistics" }).click();
		await small.page.getByRole("heading", { name: "Statistics", level: 1 }).waitFor();
	});

	it("do not jump while they load", async () => {
		const page = await ann.context.newPage();
		await page.addInitScript(() => {
			Object.assign(window, { shift: 0 });
			new PerformanceObserver((list) => {
				for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
					if (!entry.hadRecentInput) (window as unknown as { shift: number }).shift += entry.value;
				}
			}).observe({ type: "layout-shift", buffered: true });
		});
		for (const path of ["/", "/trash", "/statistics", "/settings"]) {
			await page.goto(`${webUrl}${path}`);
			await ann.settled(page);
			await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
			const shift = await page.evaluate(() => (window as unknown as { shift: number }).shift);
			expect(shift, path).toBeLessThan(0.05);
		}
		await page.close();
	});

	it("show the shape of what is to come while it loads", async () => {
		const page = await ann.context.newPage();
		await page.route(`${apiUrl}/api/v1/me/**`, () => {});
		await page.goto(`${webUrl}/`);
		await page.getByText("Loading your tasks").waitFor({ state: "attached" });
		await page.screenshot({ path: screenshot("loading") });
		await page.close();
	});

	it("are worked with by the keyboard alone, and one sees where one is", async () => {
		await ann.open();
		await ann.page.keyboard.press("Tab");
		await eventually(() => ann.page.evaluate(() => document.activeElement?.textContent), "Skip to content");
		for (let step = 0; step < 25; step += 1) {
			await ann.page.keyboard.press("Tab");
			const [visible, name] = await ann.page.evaluate(() => {
				const element = document.activeElement as HTMLElement;
				// Some show their focus on a frame around them.
				const shown = (one: Element | null): boolean =>
					one !== null &&
					one !== document.body &&
					(getComputedStyle(one).outlineStyle !== "none" || shown(one.parentElement));
				return [shown(element), element.getAttribute("aria-label") ?? element.textContent];
			});
			expect(visible, `focus on ${name}`).toBe(true);
		}
	});
});
