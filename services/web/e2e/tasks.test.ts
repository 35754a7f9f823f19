import type { Route } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, type Person } from "./person";
import { apiUrl } from "./stack";
import { story } from "./story";

const { member } = story();
let ann: Person;
let bob: Person;
beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
});

const collection = `${apiUrl}/api/v1/me/tasks`;

describe("a new task", () => {
	it("is shown before the API has answered, and is the API's own afterwards", async () => {
		let release = () => {};
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		await ann.page.route(collection, async (route: Route) => {
			if (route.request().method() === "POST") await held;
			await route.continue();
		});
		await ann.entry.fill("Oil the winch");
		await ann.entry.press("Enter");
		await ann.box("Oil the winch").waitFor();
		expect(await ann.row("Oil the winch").getAttribute("aria-busy")).toBe("true");
		expect(await ann.stored("Oil the winch")).toBeNull();
		expect(await ann.entry.inputValue()).toBe("");
		release();
		await eventually(() => ann.row("Oil the winch").getAttribute("aria-busy"), "false");
		await ann.page.unroute(collection);
		expect(await ann.stored("Oil the winch")).toMatchObject({
			completed: false,
			priority: "none",
			due_date: null,
		});
	});

	it("is put above those before it, in any script there is, and leaves the field ready for the next", async () => {
		await ann.add("Count the planks");
		await ann.add("Feed the ravens — twice, 烏 🐦‍⬛");
		expect(await ann.titles()).toEqual([
			"Feed the ravens — twice, 烏 🐦‍⬛",
			"Count the planks",
			"Oil the winch",
		]);
		expect(await ann.entry.evaluate((field) => field === document.activeElement)).toBe(true);
	});

	it("that is written before the list has come is in it", async () => {
		let release = () => {};
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const list = (url: URL) => url.href.startsWith(`${collection}?`);
		await ann.page.route(list, async (route) => {
			await held;
			await route.continue().catch(() => {});
		});
		await ann.page.reload();
		await ann.page.getByText("Live", { exact: true }).waitFor();
		await ann.entry.fill("In a hurry");
		await ann.entry.press("Enter");
		await eventually(async () => (await ann.stored("In a hurry"))?.completed, false);
		release();
		await ann.page.unroute(list);
		await eventually(
			() => ann.titles(),
			["In a hurry", "Feed the ravens — twice, 烏 🐦‍⬛", "Count the planks", "Oil the winch"],
		);
	});

	it("that the API refuses goes away again, says why, and is back in the field", async () => {
		await ann.page.evaluate(() => document.querySelector("#new-task")?.removeAttribute("maxlength"));
		await ann.entry.fill("x".repeat(300));
		await ann.entry.press("Enter");
		await ann.problems.getByText("The task was not added.").waitFor();
		await ann.problems.getByText("Title:").waitFor();
		expect(await ann.entry.inputValue()).toHaveLength(300);
		expect(await ann.titles()).toHaveLength(4);
		await ann.picture("refused");
		await ann.problems.getByRole("button", { name: "Dismiss" }).click();
		await ann.entry.fill("");
	});

	it("is made once where its answer was lost", async () => {
		let lost = 0;
		await ann.page.route(collection, async (route: Route) => {
			if (route.request().method() !== "POST" || lost > 0) return route.continue();
			lost += 1;
			await route.fetch();
			await route.abort("connectionreset");
		});
		await ann.add("Only once");
		expect(lost).toBe(1);
		await ann.page.unroute(collection);
		await ann.reload();
		await ann.box("Only once").waitFor();
		expect((await ann.titles()).filter((title) => title === "Only once")).toHaveLength(1);
	});

	it("is nobody else's", async () => {
		expect(await bob.titles()).toEqual([]);
		await bob.add("Mind my own business");
		expect(await bob.stored("Oil the winch")).toBeNull();
		expect(await ann.stored("Mind my own business")).toBeNull();
	});
});

describe("completing", () => {
	it("crosses out at once, says so, and takes the task from the open ones", async () => {
		await ann.box("Count the planks").click();
		await ann.notes.getByText("Done: Count the planks").waitFor();
		await ann.box("Count the planks").waitFor({ state: "detached" });
		expect((await ann.stored("Count the planks"))?.completed).toBe(true);
	});

	it("is undone by its note", async () => {
		await ann.notes.getByRole("button", { name: "Undo" }).click();
		await ann.box("Count the planks").waitFor();
		expect(await ann.box("Count the planks").isChecked()).toBe(false);
		await eventually(async () => (await ann.stored("Count the planks"))?.completed, false);
	});

	it("that does not get through is taken back", async () => {
		const route = (url: URL) => url.href.startsWith(apiUrl) && url.pathname.endsWith("/completion");
		await ann.page.route(route, (request) =>
			request.request().method() === "OPTIONS" ? request.continue() : request.abort("connectionrefused"),
		);
		await ann.box("Count the planks").click();
		await ann.problems.getByText("was not marked as done").waitFor();
		expect(await ann.box("Count the planks").isChecked()).toBe(false);
		await ann.page.unroute(route);
		await ann.problems.getByRole("button", { name: "Try again" }).click();
		await ann.notes.getByText("Done: Count the planks").waitFor();
	});
});

describe("deleting", () => {
	it("takes the task away at once, and brings it back by its note", async () => {
		await ann.row("Oil the winch").hover();
		await ann.page.getByRole("button", { name: "Delete Oil the winch" }).click();
		await ann.box("Oil the winch").waitFor({ state: "detached" });
		await eventually(async () => (await ann.stored("Oil the winch"))?.deleted_at === null, false);
		await ann.notes.getByText("Deleted: Oil the winch").waitFor();
		await ann.picture("deleted");
		await ann.notes
			.getByText("Deleted: Oil the winch")
			.locator("xpath=../..")
			.getByRole("button", { name: "Undo" })
			.click();
		await ann.notes.getByText("Restored: Oil the winch").waitFor();
		await ann.box("Oil the winch").waitFor();
	});

	it("and completing, and all else, is in reach of the keyboard, and the focus is never lost", async () => {
		const { keyboard } = ann.page;
		const focused = () => ann.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
		await ann.page.locator("h1").click();
		await keyboard.press("n");
		await eventually(() => ann.entry.evaluate((field) => field === document.activeElement), true);
		await keyboard.type("Lower the bridge");
		await keyboard.press("Enter");
		await ann.row("Lower the bridge").and(ann.page.locator("[aria-busy=false]")).waitFor();
		await keyboard.press("Tab");
		await ann.page.getByRole("heading", { level: 1 }).click();
		await keyboard.press("j");
		await eventually(focused, "Open Lower the bridge");
		await keyboard.press("j");
		const second = await focused();
		await keyboard.press("k");
		await keyboard.press("x");
		await ann.notes.getByText("Done: Lower the bridge").waitFor();
		await ann.box("Lower the bridge").waitFor({ state: "detached" });
		// The neighbour has it now.
		await eventually(focused, second);
		await keyboard.press("u");
		await ann.box("Lower the bridge").waitFor();
		await keyboard.press("Delete");
		await ann.notes.getByText(`Deleted: ${second?.replace(/^Open /, "")}`).waitFor();
		expect(await ann.page.evaluate(() => document.activeElement !== document.body)).toBe(true);
	});

	it("and its keys are told by a sheet", async () => {
		await ann.page.keyboard.press("?");
		const sheet = ann.page.getByRole("dialog", { name: "Keyboard shortcuts" });
		await sheet.getByText("Write a new task").waitFor();
		await ann.picture("shortcuts");
		await ann.page.keyboard.press("Escape");
		await sheet.waitFor({ state: "detached" });
	});
});

describe("what is known about a task", () => {
	it("is shown in the words and the time zone of whoever looks", async () => {
		const tokyo = await member("Yuki", { timezoneId: "Asia/Tokyo" });
		const task = {
			title: "Repaint the gate",
			priority: "high",
			due_date: "2031-05-04T20:00:00Z",
			reminder_at: "2031-05-03T07:30:00Z",
			recurrence: { rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", timezone: "Europe/London" },
			tags: [{ name: "Home", color: "#0F6A63" }, { name: "Spring" }],
		};
		await Promise.all([ann.has(task), tokyo.has(task)]);
		await Promise.all([ann.reload(), tokyo.reload()]);
		for (const fact of [
			"High priority",
			"Due 4 May 2031 21:00",
			"Every second Tuesday",
			"Reminder 3 May 2031 08:30",
			"Home",
			"Spring",
		]) {
			await eventually(
				() => ann.row("Repaint the gate").innerText().then(spaced),
				expect.stringContaining(fact),
			);
		}
		for (const fact of ["Due 5 May 2031 05:00", "Reminder 3 May 2031 16:30"]) {
			await eventually(
				() => tokyo.row("Repaint the gate").innerText().then(spaced),
				expect.stringContaining(fact),
			);
		}
		await ann.picture("tasks");
	});

	it("by its tags stands in the navigation as well, with how many there are, and for nobody else", async () => {
		const tags = ann.page.getByRole("region", { name: "Tags" });
		await tags.getByRole("link", { name: "Home 1 task" }).waitFor();
		expect(await bob.page.getByRole("region", { name: "Tags" }).getByRole("link").count()).toBe(0);
	});
});

const spaced = (text: string) => text.replace(/\s+/g, " ");
