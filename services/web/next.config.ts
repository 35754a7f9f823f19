import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

// The client is linked from clients/typescript; a bundler takes nothing from above its root.
const repository = fileURLToPath(new URL("../..", import.meta.url));

const config: NextConfig = {
	turbopack: {
		root: repository,
		// The client has one of its own for its tests, and would look for it there: two would not know of each other.
		resolveAlias: { "@tanstack/react-query": "./node_modules/@tanstack/react-query" },
	},
	outputFileTracingRoot: repository,
	serverExternalPackages: ["pg"],
	poweredByHeader: false,
	reactStrictMode: true,
	headers: async () => [
		{
			source: "/:path*",
			headers: [
				{ key: "X-Content-Type-Options", value: "nosniff" },
				{ key: "X-Frame-Options", value: "DENY" },
				{ key: "Referrer-Policy", value: "same-origin" },
				{ key: "Cross-Origin-Opener-Policy", value: "same-origin" },
				{ key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=()" },
			],
		},
		// Pages get theirs, which differs each time, from proxy.ts.
		{
			source: "/api/:path*",
			headers: [{ key: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'" }],
		},
		// Better Auth sends the token without a word on caching.
		{ source: "/api/auth/token", headers: [{ key: "Cache-Control", value: "no-store" }] },
	],
};

export default config;
