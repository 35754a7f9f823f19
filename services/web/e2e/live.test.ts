import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, type Person } from "./person";
import { apiUrl, webUrl } from "./stack";
import { story } from "./story";

const { member } = story();
let ann: Person;
let bob: Person;
let other: Page;

beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
	other = await ann.context.newPage();
	await other.goto(`${webUrl}/`);
	await Promise.all([ann.page, other].map((page) => page.getByText("Live", { exact: true }).waitFor()));
});

const elsewhere = (title: string) =>
	other
		.getByRole("region", { name: "Tasks", exact: true })
		.getByRole("checkbox", { name: title, exact: true });

describe("another tab of the same user", () => {
	it("shows what is added, completed, changed and deleted here, without being touched", async () => {
		await ann.add("Ring the bell");
		await elsewhere("Ring the bell").waitFor();
		const task = await ann.stored("Ring the bell");
		await ann.api("PATCH", `me/tasks/${task?.id}`, { title: "Ring both bells" });
		await elsewhere("Ring both bells").waitFor();
		await ann.box("Ring both bells").click();
		await elsewhere("Ring both bells").waitFor({ state: "detached" });
		await ann.add("Close the gate");
		await elsewhere("Close the gate").waitFor();
		await ann.row("Close the gate").hover();
		await ann.page.getByRole("button", { name: "Delete Close the gate" }).click();
		await elsewhere("Close the gate").waitFor({ state: "detached" });
	});

	it("shows many changes at once", async () => {
		await ann.has(...Array.from({ length: 30 }, (_, number) => ({ title: `Lamp ${number + 1}` })));
		await elsewhere("Lamp 30").waitFor();
		await ann.box("Lamp 30").waitFor();
	});

	it("has its token in a header, and never in the stream's address", () => {
		const streams = ann.calls.filter(({ url }) => url.includes("/events"));
		expect(streams.length).toBeGreaterThanOrEqual(2);
		for (const { url, authorization, cookie } of streams) {
			expect(url).toBe(`${apiUrl}/api/v1/me/events`);
			expect(authorization).toMatch(/^Bearer ey/);
			expect(cookie).toBeUndefined();
		}
	});
});

describe("another user", () => {
	it("is told nothing of all that", async () => {
		await bob.add("Mine alone");
		await ann.add("Not Bob's business");
		await elsewhere("Not Bob's business").waitFor();
		const id = (await ann.stored("Not Bob's business"))?.id ?? "none";
		// Word of it would have come as fast to Bob's page as to Ann's, and made it ask for the task.
		expect(bob.calls.filter(({ url }) => url.includes(id))).toEqual([]);
		expect(await bob.titles()).toEqual(["Mine alone"]);
		const changes = async (person: Person) =>
			(await person.api("GET", "me/changes?since=0&limit=200")).text();
		expect(await changes(ann)).toContain(id);
		expect(await changes(bob)).not.toContain(id);
	});
});

describe("without a connection", () => {
	it("the page says so, keeps what is done, and sends it when there is one again", async () => {
		await ann.context.setOffline(true);
		await ann.page.getByText("You are offline").waitFor();
		await ann.entry.fill("Written in the dark");
		await ann.entry.press("Enter");
		await ann.box("Written in the dark").waitFor();
		await ann.page.getByText("You are offline · 1 change is waiting").waitFor();
		await ann.box("Lamp 30").click();
		await ann.page.getByText("You are offline · 2 changes are waiting").waitFor();
		await ann.picture("offline");
		expect(await ann.stored("Written in the dark").catch(() => null)).toBeNull();
		await ann.context.setOffline(false);
		await eventually(() => ann.row("Written in the dark").getAttribute("aria-busy"), "false");
		await eventually(async () => (await ann.stored("Lamp 30"))?.completed, true);
		expect(await ann.page.getByText("You are offline").count()).toBe(0);
		await elsewhere("Written in the dark").waitFor();
		await elsewhere("Lamp 30").waitFor({ state: "detached" });
	});

	it("and what others did meanwhile is there afterwards", async () => {
		await ann.context.setOffline(true);
		await other.getByText("You are offline").waitFor();
		await ann.context.setOffline(false);
		const away = await ann.context.newPage();
		await away.goto(`${webUrl}/`);
		await away.getByRole("region", { name: "Tasks", exact: true }).getByRole("checkbox").first().waitFor();
		await ann.context.setOffline(true);
		await away.close();
		await ann.context.setOffline(false);
		await ann.has({ title: "While you were out" });
		await elsewhere("While you were out").waitFor();
		await ann.box("While you were out").waitFor();
	});
});
