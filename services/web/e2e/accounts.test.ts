import { beforeAll, describe, expect, it } from "vitest";
import { eventually, type Person } from "./person";
import { webUrl } from "./stack";
import { story } from "./story";

const { visitor, member } = story();
let ann: Person;
let bob: Person;
beforeAll(async () => {
	[ann, bob] = await Promise.all([visitor("Ann"), member("Bob")]);
});

describe("the first visit", () => {
	it("shows what this is and both ways in", async () => {
		await ann.open();
		await ann.page.getByRole("heading", { name: "How you get across" }).waitFor();
		await ann.page.getByRole("link", { name: "Sign in" }).waitFor();
		await ann.picture("landing");
		await ann.page.getByRole("link", { name: "Create an account" }).click();
		await ann.page.getByRole("heading", { name: "Create an account" }).waitFor();
		await ann.picture("sign-up");
	});

	it("refuses a password that is too short before it is sent", async () => {
		await ann.page.getByLabel("Name").fill("Ann");
		await ann.fillCredentials(ann.email, "short");
		await ann.page.getByRole("button", { name: "Create account" }).click();
		expect(
			await ann.page.getByLabel("Password").evaluate((field: HTMLInputElement) => field.validity.tooShort),
		).toBe(true);
		expect(ann.urls.filter((url) => url.includes("/sign-up/email"))).toEqual([]);
	});

	it("after signing up shows an empty list", async () => {
		await ann.fillCredentials();
		await ann.page.getByRole("button", { name: "Create account" }).click();
		await ann.page.getByText("All quiet on this side").waitFor();
		expect(new URL(ann.page.url()).pathname).toBe("/");
		await ann.picture("empty");
	});

	it("does not make a second account of the same address", async () => {
		const other = await visitor("Other");
		await other.open("/sign-up");
		await other.page.getByLabel("Name").fill("Somebody");
		await other.fillCredentials(ann.email, "another password");
		await other.page.getByRole("button", { name: "Create account" }).click();
		await other.page.getByText("There is an account with this e-mail address already.").waitFor();
	});
});

describe("signing out and in", () => {
	it("takes the tasks off the screen, and the way back to them", async () => {
		await ann.add("Count the planks");
		await ann.page.getByRole("button", { name: "Account of Ann" }).click();
		await ann.page.getByRole("menuitem", { name: "Sign out" }).click();
		await ann.page.getByRole("heading", { name: "How you get across" }).waitFor();
		await ann.page.goBack();
		await ann.page.waitForLoadState();
		expect(await ann.page.getByText("Count the planks").count()).toBe(0);
	});

	it("needs the right password", async () => {
		await ann.open("/sign-in");
		await ann.fillCredentials(ann.email, "not this one");
		await ann.page.getByRole("button", { name: "Sign in" }).click();
		await ann.page.getByText("No account has this e-mail address and password.").waitFor();
		await eventually(() => ann.alerts.evaluate((alert) => alert === document.activeElement), true);
		expect(new URL(ann.page.url()).search).toBe("");
		await ann.picture("sign-in-refused");
	});

	it("brings the tasks back", async () => {
		await ann.fillCredentials();
		await ann.page.getByRole("button", { name: "Sign in" }).click();
		await ann.box("Count the planks").waitFor();
	});

	it("is not offered to who is in already", async () => {
		await ann.page.goto(`${webUrl}/sign-in`);
		await ann.page.getByRole("heading", { name: "Your tasks" }).waitFor();
	});

	it("is asked of who opens a page of somebody signed in", async () => {
		const stranger = await visitor("Stranger");
		for (const path of ["/trash", "/statistics", "/settings"]) {
			await stranger.page.goto(`${webUrl}${path}`);
			await stranger.page.getByRole("heading", { name: "Welcome back" }).waitFor();
		}
	});

	it("in another browser leaves the first one signed in, with the same tasks", async () => {
		const again = await visitor("Ann");
		await again.open("/sign-in");
		await again.fillCredentials(ann.email);
		await again.page.getByRole("button", { name: "Sign in" }).click();
		await again.box("Count the planks").waitFor();
		await again.page.getByRole("button", { name: "Account of Ann" }).click();
		await again.page.getByRole("menuitem", { name: "Sign out" }).click();
		await again.page.getByRole("heading", { name: "How you get across" }).waitFor();
		await ann.reload();
		await ann.box("Count the planks").waitFor();
	});

	it("by another user shows that one's tasks and nothing of the first", async () => {
		await bob.add("Mind my own business");
		expect(await bob.titles()).toEqual(["Mind my own business"]);
		expect(await ann.titles()).toEqual(["Count the planks"]);
	});
});
