import { expect, test } from "vitest";
import { contentSecurityPolicy } from "../lib/content-security-policy";

const parse = (policy: string) =>
	new Map(policy.split("; ").map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1)]));
const apiUrl = "https://api.example:8443/tasks";

test("a page runs what carries its nonce, and nothing that stands in the page without", () => {
	const policy = parse(contentSecurityPolicy({ nonce: "n0nce", apiUrl }));
	expect(policy.get("script-src")).toEqual(["'self'", "'nonce-n0nce'", "'strict-dynamic'"]);
	for (const name of ["default-src", "script-src", "style-src"]) {
		expect(policy.get(name)).not.toContain("'unsafe-inline'");
		expect(policy.get(name)).not.toContain("'unsafe-eval'");
	}
	expect(policy.get("script-src-attr")).toEqual(["'none'"]);
});

test("a page talks to its own origin and the API's, to each once", () => {
	expect(parse(contentSecurityPolicy({ nonce: "n", apiUrl })).get("connect-src")).toEqual([
		"'self'",
		"https://api.example:8443",
	]);
	expect([...parse(contentSecurityPolicy({ nonce: "n", apiUrl })).keys()]).toContain("frame-ancestors");
	for (const name of ["object-src", "base-uri", "frame-src", "frame-ancestors"]) {
		expect(parse(contentSecurityPolicy({ nonce: "n", apiUrl })).get(name)).toEqual(["'none'"]);
	}
});

test("only `next dev` gets what it needs beyond that", () => {
	const policy = parse(contentSecurityPolicy({ nonce: "n", apiUrl, development: true }));
	expect(policy.get("script-src")).toContain("'unsafe-eval'");
	expect(policy.get("script-src")).not.toContain("'unsafe-inline'");
	expect(policy.get("connect-src")).toContain("ws:");
});
