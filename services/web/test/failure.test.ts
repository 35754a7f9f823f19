import { ProblemError, SignedOutError, UnavailableError } from "@drawbridge/client";
import { describe, expect, it, test } from "vitest";
import { describeRefusal } from "../lib/credentials";
import { describeFailure, isTaskGone, pauseBefore } from "../lib/failure";

function problem(status: number, more: Record<string, unknown> = {}, headers: HeadersInit = {}) {
	const body = {
		type: "urn:x",
		title: "Title",
		status,
		code: "code",
		detail: "the reason",
		error: "",
		...more,
	};
	return new ProblemError(new Response(null, { status, headers }), body);
}

describe("a failure in words", () => {
	it("says for each kind what helps", () => {
		const remedies = [
			[new SignedOutError("signed_out"), "sign-in"],
			[new SignedOutError("cleared"), "sign-in"],
			[new SignedOutError("user_changed"), "reload"],
			[new UnavailableError("api", "x"), "retry"],
			[new UnavailableError("auth", "x"), "retry"],
			[problem(503), "retry"],
			[problem(429), "retry"],
			[problem(500), "retry"],
			[problem(401), "sign-in"],
			[problem(403), "none"],
			[problem(404, { code: "task_not_found" }), "reload"],
			[problem(404, { code: "path_not_found" }), "none"],
			[problem(422), "none"],
			[new TypeError("x is not a function"), "reload"],
		] as const;
		expect(remedies.map(([error]) => describeFailure(error).remedy)).toEqual(
			remedies.map(([, remedy]) => remedy),
		);
	});

	it("tells the API from the sign-in service", () => {
		expect(describeFailure(new UnavailableError("api", "x")).title).toContain("task service");
		expect(describeFailure(new UnavailableError("auth", "x")).title).toContain("sign-in service");
	});

	it("tells a task that is gone from an address that is wrong", () => {
		const gone = problem(404, { code: "task_not_found" });
		expect(describeFailure(gone).title).toBe("That task is gone");
		expect(isTaskGone(gone)).toBe(true);
		const noProblem = new ProblemError(
			new Response("<h1>Not Found</h1>", { status: 404 }),
			"<h1>Not Found</h1>",
		);
		for (const astray of [problem(404, { code: "path_not_found" }), noProblem]) {
			expect(describeFailure(astray).title).toContain("no task service");
			expect(describeFailure(astray).advice).toContain("NEXT_PUBLIC_API_URL");
			expect(isTaskGone(astray)).toBe(false);
		}
		// Whatever else the API may not find one day: its own words.
		expect(describeFailure(problem(404, { code: "list_not_found" }))).toMatchObject({
			title: "Title",
			advice: "The reason.",
			remedy: "none",
		});
	});

	it("tells each field that was not accepted", () => {
		const errors = [
			{ pointer: "/title", code: "too_long", detail: "must have at most 255 characters" },
			{ pointer: "/reminder_at", code: "not_before_due", detail: "must be before due_date" },
			{ pointer: "", code: "empty", detail: "nothing to change" },
		];
		expect(describeFailure(problem(422, { errors })).advice).toBe(
			"Title: must have at most 255 characters. Reminder at: must be before due_date. Nothing to change.",
		);
		expect(describeFailure(problem(422)).advice).toBe("The reason.");
	});

	it("names the request where the server is at fault, and passes on when to come back", () => {
		const failure = describeFailure(problem(503, { request_id: "r-7" }, { "Retry-After": "12" }));
		expect(failure.advice).toBe("The reason. Request r-7.");
		expect(failure.retryAfter).toBe(12);
	});

	it("does not show what an exception of our own says", () => {
		const failure = describeFailure(new Error("secret internals"));
		expect(JSON.stringify(failure)).not.toContain("secret");
	});
});

test("the pause before the next attempt grows, heeds the server, and has an end", () => {
	expect([1, 2, 3, 4, 5, 50].map((attempt) => pauseBefore(attempt, null))).toEqual([2, 4, 8, 16, 30, 30]);
	expect(pauseBefore(1, 7)).toBe(7);
	expect(pauseBefore(1, 86_400)).toBe(30);
});

describe("a refused sign-in in words", () => {
	it("knows Better Auth's codes", () => {
		expect(describeRefusal({ status: 401, code: "INVALID_EMAIL_OR_PASSWORD" }, null)).toContain("No account");
		expect(describeRefusal({ status: 422, code: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" }, null)).toContain(
			"already",
		);
		expect(describeRefusal({ status: 400, code: "PASSWORD_TOO_SHORT" }, null)).toContain("8 characters");
	});

	it("counts the seconds of a rate limit", () => {
		expect(describeRefusal({ status: 429 }, "9")).toBe("Too many attempts. Try again in 9 seconds.");
		expect(describeRefusal({ status: 429 }, "1")).toBe("Too many attempts. Try again in 1 second.");
		expect(describeRefusal({ status: 429 }, null)).toContain("Wait a little");
		expect(describeRefusal({ status: 429 }, "soon")).toContain("Wait a little");
	});

	it("says of a fault of the server that it is one, and else what Better Auth says", () => {
		expect(describeRefusal({ status: 500, message: "stack trace" }, null)).not.toContain("stack");
		expect(describeRefusal({ status: 400, code: "NEW", message: "Not on Sundays" }, null)).toBe(
			"Not on Sundays",
		);
		expect(describeRefusal({ status: 400 }, null)).not.toBe("");
	});
});
