import { ProblemError, SignedOutError, type TokenSource } from "@drawbridge/client";
import { describe, expect, it } from "vitest";
import { gatedToken, sessionGate } from "../lib/api/session-gate";
import { claimsOf, watch } from "../lib/api/watch";

/** Hands out what it is told to, an error by throwing it. */
function source(...answers: (string | Error)[]): TokenSource {
	const next = async () => {
		const answer = answers.shift();
		if (answer === undefined) throw new Error("nobody expected to be asked again");
		if (answer instanceof Error) throw answer;
		return answer;
	};
	return { token: next, replace: next, clear() {} };
}

const over = () => new SignedOutError("signed_out");

describe("the gate of a lost session", () => {
	it("holds a request back until its user is in again, and then lets it through", async () => {
		const gate = sessionGate();
		const tokens = gatedToken(source(over(), "fresh"), gate, () => {});
		const waiting = tokens.token();
		await expect.poll(gate.state).toBe("signed-out");
		gate.open();
		await expect(waiting).resolves.toBe("fresh");
		expect([gate.state(), gate.returns()]).toEqual(["open", 1]);
	});

	it("fails what waits when somebody does not want to sign in", async () => {
		const gate = sessionGate();
		const waiting = gatedToken(source(over()), gate, () => {}).token();
		const outcome = expect(waiting).rejects.toBeInstanceOf(SignedOutError);
		await expect.poll(gate.state).toBe("signed-out");
		gate.giveUp();
		await outcome;
		expect([gate.state(), gate.returns()]).toEqual(["open", 0]);
	});

	it("lets nothing of one user wait for another", async () => {
		const gate = sessionGate();
		const tokens = gatedToken(source(new SignedOutError("user_changed")), gate, () => {});
		await expect(tokens.token()).rejects.toMatchObject({ reason: "user_changed" });
		expect(gate.state()).toBe("other-user");
	});

	it("stays open for who signs out here, and for what is no lost session", async () => {
		const gate = sessionGate();
		for (const error of [new SignedOutError("cleared"), new Error("no jwt() plugin")]) {
			await expect(gatedToken(source(error), gate, () => {}).token()).rejects.toBe(error);
		}
		expect(gate.state()).toBe("open");
	});
});

const base64 = (text: string) => Buffer.from(text).toString("base64url");
const token = (claims: object, signature = "c2ln") =>
	`${base64("{}")}.${base64(JSON.stringify(claims))}.${signature}`;

describe("what the developer drawer is told", () => {
	it("is the claims and the life of each new token, and never the token", () => {
		let told = 0;
		const seen = watch(() => 1_000_000);
		seen.subscribe(() => {
			told += 1;
		});
		const first = token({ sub: "ann", iat: 100, exp: 1000 });
		seen.token(first);
		seen.token(first);
		expect(told).toBe(1);
		expect(seen.snapshot()).toEqual({
			claims: { sub: "ann", iat: 100, exp: 1000 },
			lifetime: 900_000,
			endsAt: 1_900_000,
			problem: null,
		});
		expect(JSON.stringify(seen.snapshot())).not.toContain(first);
		seen.token(token({ sub: "ann", iat: 200, exp: 1100 }, "b3RoZXI"));
		expect(told).toBe(2);
	});

	it("is the last problem of the API, and no other failure", () => {
		const seen = watch(() => 5);
		seen.failure(new Error("x"));
		expect(seen.snapshot().problem).toBeNull();
		const body = {
			status: 412,
			code: "precondition_failed",
			title: "t",
			detail: "d",
			type: "",
			error: "",
			request_id: "r",
		};
		seen.failure(new ProblemError(new Response(null, { status: 412 }), body));
		expect(seen.snapshot().problem).toEqual({
			code: "precondition_failed",
			status: 412,
			title: "t",
			detail: "d",
			requestId: "r",
			at: 5,
		});
	});

	it("reads claims of any alphabet, and nothing from what is no token", () => {
		expect(claimsOf(token({ name: "Žofie 🦊" }))).toEqual({ name: "Žofie 🦊" });
		for (const text of ["", "session-token", "a.b.c", `a.${base64("3")}.c`])
			expect(claimsOf(text)).toBeNull();
	});
});
