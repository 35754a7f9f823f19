import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { readTheme, THEME_COOKIE } from "@/lib/theme";
import "./globals.css";

export const metadata: Metadata = {
	title: { default: "Drawbridge", template: "%s · Drawbridge" },
	description: "Tasks that only you can see: Better Auth on one side, a Rust API on the other.",
};

export const viewport: Viewport = {
	colorScheme: "light dark",
	themeColor: [
		{ media: "(prefers-color-scheme: light)", color: "#f7f5f0" },
		{ media: "(prefers-color-scheme: dark)", color: "#12171c" },
	],
};

export default async function Layout({ children }: { children: ReactNode }) {
	const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value);
	return (
		<html lang="en" {...(theme === "system" ? {} : { "data-theme": theme })}>
			<body className="min-h-dvh bg-page font-sans text-ink antialiased">{children}</body>
		</html>
	);
}
