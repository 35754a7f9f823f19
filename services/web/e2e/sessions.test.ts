import { beforeAll, describe, expect, it } from "vitest";
import { accessibilityFaults } from "./accessibility";
import { eventually, type Person } from "./person";
import { sql, webUrl } from "./stack";
import { story } from "./story";

const { member, visitor } = story();
let ann: Person;
let bob: Person;
beforeAll(async () => {
	[ann, bob] = await Promise.all([member("Ann"), member("Bob")]);
	await Promise.all([ann.add("Ann's first"), bob.add("Bob's first")]);
});

const dialog = (person: Person) => person.page.getByRole("dialog", { name: "Your session has ended" });

describe("a session that ends in the middle of work", () => {
	it("is asked for again on the spot, and what was typed goes through afterwards", async () => {
		await ann.sessionsEnd();
		await ann.entry.fill("Half a thought, and the other half");
		await ann.entry.press("Enter");
		await dialog(ann).waitFor();
		await ann.picture("session-ended");
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		await dialog(ann).getByLabel("Password").fill("wrong password");
		await dialog(ann).getByRole("button", { name: "Sign in" }).click();
		await dialog(ann).getByText("No account has this e-mail address and password.").waitFor();
		await dialog(ann).getByLabel("Password").fill(ann.password);
		await dialog(ann).getByRole("button", { name: "Sign in" }).click();
		await dialog(ann).waitFor({ state: "detached" });
		await ann.row("Half a thought, and the other half").and(ann.page.locator("[aria-busy=false]")).waitFor();
		expect(await ann.stored("Half a thought, and the other half")).not.toBeNull();
	});

	it("left the other user's alone", async () => {
		await bob.add("Bob's second");
		expect(await dialog(bob).count()).toBe(0);
		expect(await bob.titles()).toEqual(["Bob's second", "Bob's first"]);
	});

	it("may be left ended: what was typed is in the field, and there after a reload", async () => {
		await bob.sessionsEnd();
		await bob.entry.fill("For later");
		await bob.entry.press("Enter");
		await dialog(bob).getByRole("button", { name: "Not now" }).click();
		await bob.problems.getByText("Your session has ended").waitFor();
		expect(await bob.entry.inputValue()).toBe("For later");
		await bob.auth("/sign-in/email", { email: bob.email, password: bob.password });
		await bob.reload();
		await bob.box("Bob's first").waitFor();
		expect(await bob.entry.inputValue()).toBe("For later");
		await bob.entry.press("Enter");
		await bob.row("For later").and(bob.page.locator("[aria-busy=false]")).waitFor();
	});

	it("by its age is as over as one that was signed out", async () => {
		await sql(
			`UPDATE auth.session SET "expiresAt" = now() - interval '1 minute'
			WHERE "userId" = (SELECT id FROM auth."user" WHERE email = $1)`,
			[ann.email],
		);
		await ann.reload();
		await ann.page.getByRole("heading", { name: "How you get across" }).waitFor();
		await ann.auth("/sign-in/email", { email: ann.email, password: ann.password });
		await ann.open();
		await ann.box("Ann's first").waitFor();
	});
});

describe("another user in another tab of the same browser", () => {
	it("makes this page stop, say so, and show nothing of the one to the other", async () => {
		const second = await visitor("Cleo");
		await second.auth("/sign-up/email", { name: "Cleo", email: second.email, password: second.password });
		await second.open();
		await second.add("Cleo's own");

		await ann.auth("/sign-out", {});
		await ann.auth("/sign-in/email", { email: second.email, password: second.password });
		await ann.entry.fill("Whose is this?");
		await ann.entry.press("Enter");
		const notice = ann.page.getByRole("dialog", { name: "Somebody else is signed in now" });
		await notice.waitFor();
		await ann.picture("somebody-else");
		expect(await accessibilityFaults(ann.page)).toEqual([]);
		await notice.getByRole("button", { name: "Load the page again" }).click();
		await ann.box("Cleo's own").waitFor();
		expect(await ann.titles()).toEqual(["Cleo's own"]);
		expect(await ann.page.getByText("Ann's first").count()).toBe(0);
		expect(await second.stored("Whose is this?")).toBeNull();
	});
});

describe("a session that is revoked elsewhere", () => {
	it("is refused by the API within seconds, though its token would live on", async () => {
		const device = await visitor("Bob");
		await device.auth("/sign-in/email", { email: bob.email, password: bob.password });
		await device.open();
		await device.box("Bob's first").waitFor();
		await bob.auth("/revoke-other-sessions", {});
		await eventually(async () => {
			await device.reload();
			return device.page.getByRole("heading", { name: "How you get across" }).count();
		}, 1);
		const status = async () =>
			(
				await fetch(`${device.calls.at(-1)?.url.replace(/\/api\/v1\/.*/, "")}/api/v1/me/tasks`, {
					headers: { Authorization: `Bearer ${device.token}`, Origin: webUrl },
				})
			).status;
		await eventually(status, 401);
		await bob.add("Still here");
	});
});
