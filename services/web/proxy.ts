import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy } from "./lib/content-security-policy";
import { readSettings } from "./lib/settings.js";

let apiUrl: string | undefined;

/** Gives each page its Content-Security-Policy. Next reads the nonce from the request's copy and puts it on what it writes. */
export function proxy(request: NextRequest) {
	apiUrl ??= readSettings(process.env).apiUrl;
	const nonce = randomBytes(16).toString("base64");
	const policy = contentSecurityPolicy({
		nonce,
		apiUrl,
		development: process.env.NODE_ENV === "development",
	});

	const headers = new Headers(request.headers);
	headers.set("Content-Security-Policy", policy);
	headers.set("X-Nonce", nonce);
	const response = NextResponse.next({ request: { headers } });
	response.headers.set("Content-Security-Policy", policy);
	return response;
}

export const config = {
	// Pages alone: the rest is files, and JSON with a policy of its own (next.config.ts).
	matcher: "/((?!api/|_next/static/|_next/image|icon\\.svg$|favicon\\.ico$).*)",
};
