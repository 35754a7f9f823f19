import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = {
	title: { default: "Drawbridge", template: "%s · Drawbridge" },
	description: "Tasks that only you can see: Better Auth on one side, a Rust API on the other.",
};

export const viewport: Viewport = {
	colorScheme: "light dark",
	themeColor: [
		{ media: "(prefers-color-scheme: light)", color: "#f7f4ee" },
		{ media: "(prefers-color-scheme: dark)", color: "#11171d" },
	],
};

export default function Layout({ children }: { children: ReactNode }) {
	return (
		<html lang="en">
			<body className="min-h-dvh bg-page font-sans text-ink antialiased">{children}</body>
		</html>
	);
}
