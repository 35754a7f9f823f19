interface Policy {
	/** New for every page: a script or style sheet in the page counts only with it. */
	nonce: string;
	/** Where the API is: the one other origin that a page talks to. */
	apiUrl: string;
	/** `next dev` evaluates source text for its stack traces, adds styles by script, and has a socket of its own. */
	development?: boolean;
}

/** What a page may load, run and talk to: its own files, and the API. */
export function contentSecurityPolicy({ nonce, apiUrl, development = false }: Policy): string {
	const directives: Record<string, string[]> = {
		"default-src": ["'self'"],
		// A script that came in with the nonce may load others: that is how the bundler's chunks get in, and nothing else does.
		"script-src": [
			"'self'",
			`'nonce-${nonce}'`,
			"'strict-dynamic'",
			...(development ? ["'unsafe-eval'"] : []),
		],
		"script-src-attr": ["'none'"],
		"style-src": ["'self'", development ? "'unsafe-inline'" : `'nonce-${nonce}'`],
		// React writes `style` attributes. They can neither run nor fetch anything.
		"style-src-attr": ["'unsafe-inline'"],
		"img-src": ["'self'", "data:", "blob:"],
		"connect-src": ["'self'", new URL(apiUrl).origin, ...(development ? ["ws:"] : [])],
		"object-src": ["'none'"],
		"base-uri": ["'none'"],
		"form-action": ["'self'"],
		"frame-src": ["'none'"],
		"frame-ancestors": ["'none'"],
	};
	return Object.entries(directives)
		.map(([name, sources]) => `${name} ${[...new Set(sources)].join(" ")}`)
		.join("; ");
}
